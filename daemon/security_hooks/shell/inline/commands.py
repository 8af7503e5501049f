"""Languages whose statements are commands with words: Tcl and PowerShell."""

import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Final

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.inline.calls import looks_like_path
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome, merged
from security_hooks.shell.inline.reading import Read, Value
from security_hooks.shell.limits import Budget

_ANY = Hole(HoleKind.OTHER, "...")
_TCL = re.compile(
    r"(?P<end>[;\n\[\]])|(?P<skip>[ \t\r]+|\\\n)|(?P<brace>[{}])"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<word>(?:[^\s;\[\]{}\"\\]|\\.)+)|."
)
_ENCODED = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
_POWER = re.compile(
    r"(?P<end>[;\n|(){}]|&&|\|\|)|(?P<skip>[ \t\r,]+|`\n|\#[^\n]*|<\#.*?\#>)"
    r"|(?P<raw>'(?:[^']|'')*')|(?P<text>\"(?:[^\"`]|`.|\"\")*\")|(?P<word>(?:[^\s;|(){},'\"`]|`.)+)|.",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\$(?:env:)?[\w:]+|\$\{[^}]*\}|\$\([^)]*\)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s'\")]+")
_PATHS: Final[Mapping[str, tuple[EffectKind, ...]]] = {
    name: kinds
    for names, kinds in (
        ("remove-item ri rm del erase rd rmdir clear-content clc", (EffectKind.DELETES,)),
        ("get-content gc cat type import-csv import-clixml select-string sls", (EffectKind.READS,)),
        ("set-content sc add-content ac out-file tee-object new-item ni mkdir md export-csv", (EffectKind.WRITES,)),
        ("move-item mi mv move rename-item rni ren", (EffectKind.MOVES, EffectKind.WRITES)),
        ("copy-item ci cp copy cpi", (EffectKind.READS, EffectKind.WRITES)),
        ("set-acl icacls takeown attrib", (EffectKind.CHANGES_MODE,)),
    )
    for name in names.split()
}
_FETCHING = frozenset(["invoke-webrequest", "iwr", "curl", "wget", "invoke-restmethod", "irm", "start-bitstransfer"])
_SAFE = frozenset(
    [
        "write-host",
        "write-output",
        "echo",
        "write-verbose",
        "get-date",
        "select-object",
        "where-object",
        "foreach-object",
        "%",
        "?",
        "sort-object",
        "measure-object",
        "format-table",
        "ft",
        "format-list",
        "fl",
        "convertfrom-json",
        "convertto-json",
        "out-null",
        "out-string",
        "get-childitem",
        "gci",
        "ls",
        "dir",
        "get-location",
        "pwd",
        "get-process",
        "gps",
        "get-service",
        "test-path",
        "join-path",
        "split-path",
        "get-member",
        "if",
        "else",
        "foreach",
        "while",
        "function",
        "param",
        "return",
        "try",
        "catch",
        "new-object",
        "group-object",
        "get-command",
        "get-help",
        "set-strictmode",
    ]
)


def _tcl_commands(text: str, budget: Budget) -> Iterator[list[str]]:
    words: list[str] = []
    for match in _TCL.finditer(text):
        if not budget.spend():
            break
        if match["end"] or match["brace"]:
            if words:
                yield words
            words = []
        elif match["text"]:
            words.append(match["text"][1:-1])
        elif match["word"]:
            words.append(match["word"])
    if words:
        yield words


def _filled(text: str, marks: Marks, known: Mapping[str, Value]) -> Value:
    """The text with its variables put in."""
    parts: list[str | Hole] = []
    place = 0
    for match in _VARIABLE.finditer(text):
        parts += marks.value(text[place : match.start()])
        parts += known.get(match[0].strip("${}").lower(), (_ANY,))
        place = match.end()
    return merged((*parts, *marks.value(text[place:])))


def read_tcl(code: Value, budget: Budget) -> Read:
    """`exec`, `spawn`, `open`, `file delete`, `source`, `socket`, within brackets and braces too."""
    marks, outcome = Marks(), Outcome()
    known: dict[str, Value] = {}
    for words in _tcl_commands(marks.text(code), budget):
        name, *rest = words
        values = [_filled(word, marks, known) for word in rest]
        given = [value for word, value in zip(rest, values, strict=True) if not word.startswith("-")]
        if name == "set" and len(values) == 2:
            known[rest[0].lower()] = values[1] if rest[0].lower() not in known else (_ANY,)
        elif name in ("exec", "spawn", "exp_spawn", "system") and given:
            while rest and rest[0].startswith("-"):
                rest, values = rest[1:], values[1:]
            text = tuple([part for number, value in enumerate(values) for part in ((" ",) if number else ()) + value])
            outcome.shell(text)
        elif name == "open" and values:
            first = values[0][0] if values[0] else ""
            if isinstance(first, str) and first.startswith("|"):
                outcome.shell((first[1:], *values[0][1:]))
            else:
                writes = len(rest) > 1 and not set("wa+").isdisjoint(rest[1])
                outcome.effect(EffectKind.WRITES if writes else EffectKind.READS, values[0])
        elif name == "file" and rest and rest[0] in ("delete", "rename", "copy", "mkdir"):
            kind = {"delete": EffectKind.DELETES, "rename": EffectKind.MOVES, "copy": EffectKind.READS}
            for value in given[1:]:
                outcome.effect(kind.get(rest[0], EffectKind.WRITES), value, recursive=rest[0] == "delete")
        elif name == "source" and given:
            outcome.effect(EffectKind.EXECUTES, given[0])
        elif name == "socket" and given:
            outcome.effect(EffectKind.CONNECTS, given[0])
        elif (
            (name in ("eval", "subst", "uplevel") and any(_ANY in value for value in values))
            or name.startswith("$")
            or marks.marked(name)
        ):
            outcome.opaquely(Origin.UNKNOWN)
        elif name not in ("puts", "return", "string", "format", "expect", "send"):
            _note_paths(rest, marks, outcome)
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def read_powershell(code: Value, budget: Budget) -> Read:
    """Commands for files and the network by their names and aliases, `iex`, and programs started."""
    marks, outcome = Marks(), Outcome()
    known: dict[str, Value] = {}
    text = marks.text(code)
    encoded = _encoded(text.strip())
    if encoded is not None:
        outcome.opaquely(Origin.DECODED)
        outcome.nested.append(("powershell", (encoded,)))
        return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))
    fetched: list[int] = []
    words: list[tuple[str, Value]] = []
    evaluates = False
    # A text in quotes is a value; only a bare word or one behind `&` is a program.
    bare: set[str] = set()
    downloads = re.search(r"(?i)download|webclient", text) is not None

    def flush(*, piped: bool) -> None:
        nonlocal words, evaluates
        command, words = words, []
        if not command:
            return
        name = command[0][0].lower()
        rest = command[1:]
        if name.startswith("$") and len(rest) > 1 and rest[0][0] == "=":
            known[name[1:]] = rest[1][1] if name[1:] not in known else (_ANY,)
            command, rest = rest[1:], rest[2:]
            name = command[0][0].lower()
        if name in ("&", "."):
            if not rest:
                return
            command, rest, name = rest, rest[1:], rest[0][0].lower()
            bare.add(command[0][0])
        if name in _FETCHING or downloads:
            urls = _URL.findall(" ".join([word for word, _ in command]))
            fetched.extend([outcome.effect(EffectKind.CONNECTS, marks.value(url)) for url in urls])
        if name in ("iex", "invoke-expression"):
            evaluates = True
            literal = next((value for word, value in rest if not word.startswith("-")), None)
            if literal is not None and literal and isinstance(literal[0], str) and not piped:
                outcome.nested.append(("powershell", literal))
            else:
                outcome.opaquely(Origin.UNKNOWN)
            return
        given = [value for word, value in rest if not word.startswith("-")]
        flags = {word.lower() for word, _ in rest if word.startswith("-")}
        if name in _PATHS:
            recursive = any("-recurse".startswith(flag) and len(flag) > 1 for flag in flags)
            for kind, value in zip(_PATHS[name] * (1 if len(_PATHS[name]) > 1 else len(given)), given, strict=False):
                outcome.effect(kind, value, recursive=recursive)
        elif name in _FETCHING:
            if flags & {"-body", "-infile", "-form"}:
                for index in fetched:
                    outcome.sends(index)
        elif name in ("start-process", "saps", "start", "invoke-item", "ii"):
            outcome.argv(tuple(given))
        elif name in ("stop-process", "spps", "kill", "taskkill"):
            outcome.effect(EffectKind.SIGNALS, given[0] if given else ())
        elif name.startswith(("[", "$", "-", "@")) or name in _SAFE or "=" in name:
            _note_paths([word for word, _ in command], marks, outcome)
        elif (
            command[0][0] in bare
            and re.fullmatch(r"(?!\.\w)[\w./\\:-]+", name)
            and "-" not in name
            and not name.isdigit()
            and "(" not in name
        ):
            outcome.argv(tuple([value for _, value in command]))

    for match in _POWER.finditer(text):
        if not budget.spend():
            break
        if match["end"]:
            flush(piped=match["end"] == "|")
        elif match["raw"]:
            body = match["raw"][1:-1].replace("''", "'")
            words.append((body, marks.value(body)))
        elif match["text"]:
            body = re.sub(r"`(.)", r"\1", match["text"][1:-1])
            words.append((body, _filled(body, marks, known)))
        elif match["word"]:
            body = match["word"].replace("`", "")
            bare.add(body)
            words.append((body, _filled(body, marks, known)))
    flush(piped=False)
    if evaluates and fetched:
        outcome.opaquely(Origin.NETWORK)
    if re.search(r"(?i)-e(?:nc\w*)?\s+[A-Za-z0-9+/=]{16,}|frombase64string", text) and evaluates:
        outcome.opaquely(Origin.DECODED)
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def _encoded(text: str) -> str | None:
    """What `-EncodedCommand` was given, base64 of UTF-16; as a command of its own such a word would be none."""
    if not _ENCODED.fullmatch(text):
        return None
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True).decode("utf-16-le")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Any other word of this form is read as signs from all over Unicode.
    return decoded if decoded.isascii() else None


def _note_paths(words: list[str], marks: Marks, outcome: Outcome) -> None:
    for word in words:
        if looks_like_path(word):
            outcome.effect(EffectKind.NAMES, marks.value(word), certain=False)
