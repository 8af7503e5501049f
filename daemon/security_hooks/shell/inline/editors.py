"""Programs of sed, ed and vim: which of their commands run, read and write something."""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Origin
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome
from security_hooks.shell.inline.reading import Read, Value
from security_hooks.shell.limits import Budget

_ADDRESS = re.compile(r"(?:\d+(?:~\d+)?|\$|/(?:[^/\\\n]|\\.)*/[IM]*|\\(.)(?:(?!\1)[^\\\n]|\\.)*\1|[\s,+!;{}~])+")
_STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/stdin", "-", "%")
_VIM_RANGE = re.compile(r"\s*(?:[:%.$,;+\d\s-]|'.|/[^/]*/|\\[/?&])*")
_VIM_PREFIX = re.compile(
    r"(?:sil(?:ent)?!?|noa(?:utocmd)?|keep\w*|lock\w*|vert(?:ical)?|tab|bel\w*|abo\w*|bo\w*|to\w*|aun?|"
    r"(?:arg|buf|win|tab|c|l|cf|lf)do!?|g(?:lobal)?!?/[^/]*/|v(?:global)?/[^/]*/|au(?:tocmd)?!?\s+\S+\s+\S+)\s*(?=\S)"
)
_VIM_NAME = re.compile(r"([a-zA-Z]+\d?|!)(!?)\s*(.*)", re.DOTALL)
_VIM_CALL = re.compile(
    r"\b(systemlist|system|job_start|jobstart|term_start|termopen|readfile|writefile|delete|libcall|execute)\s*\("
)
_VIM_TEXT = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"\\]|\\.)*)\"")
_VIM_CODE = {
    "py": "python",
    "python": "python",
    "py3": "python",
    "python3": "python",
    "pyx": "python",
    "pythonx": "python",
}
_VIM_CODE |= {"pe": "perl", "perl": "perl", "rub": "ruby", "ruby": "ruby", "lua": "lua"}
_VIM_WRITES = frozenset(
    ("w", "write", "wq", "x", "xit", "sav", "saveas", "up", "update", "wa", "mks", "mksession", "mk")
)
_VIM_READS = frozenset(
    ("r", "read", "e", "edit", "tabe", "tabedit", "tabnew", "sp", "split", "vs", "vsplit", "vie", "view", "sv", "new")
)
_VIM_SOURCES = frozenset(
    ("so", "source", "ru", "runtime", "luafile", "luaf", "pyfile", "py3file", "pyf", "py3f", "rubyfile")
)


def read_sed(code: Value, budget: Budget) -> Read:
    """`r` and `R` read, `w` and `W` and the flag of `s` write, `e` and the flag of `s` run."""
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    place = 0
    while place < len(text) and budget.spend():
        match = _ADDRESS.match(text, place)
        place = match.end() if match else place
        if place >= len(text):
            break
        letter = text[place]
        end = text.find("\n", place)
        line = text[place + 1 : end if end >= 0 else len(text)]
        after = (end if end >= 0 else len(text)) + 1
        if marks.marked(letter):
            outcome.opaquely(Origin.UNKNOWN)
            break
        if letter in "rRwW":
            _file(outcome, marks, EffectKind.READS if letter in "rR" else EffectKind.WRITES, line)
            place = after
        elif letter == "e":
            if line.strip():
                outcome.shell(marks.value(line.strip()))
            else:
                outcome.opaquely(Origin.UNKNOWN)
            place = after
        elif letter in "sy":
            place = _substitution(text, place, marks, outcome)
        elif letter in "aic:btTl#" and letter != "l":
            place = after
        else:
            place += 1
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def _substitution(text: str, place: int, marks: Marks, outcome: Outcome) -> int:
    """Read `s/../../flags`; the place behind it."""
    letter, delimiter = text[place], text[place + 1 : place + 2]
    place += 2
    bodies: list[str] = []
    for _ in range(2):
        start = place
        while place < len(text) and text[place] != delimiter:
            place += 2 if text[place] == "\\" else 1
        bodies.append(text[start:place])
        place += 1
    while letter == "s" and place < len(text) and text[place] not in ";\n}#":
        flag = text[place]
        place += 1
        if flag == "e":
            # What is run is the line with the replacement in it.
            outcome.shell(marks.value(re.sub(r"\\(.)", r"\1", bodies[1].replace("&", ""))))
            outcome.opaquely(Origin.UNKNOWN)
        elif flag in "wW":
            end = text.find("\n", place)
            _file(outcome, marks, EffectKind.WRITES, text[place : end if end >= 0 else len(text)])
            return end if end >= 0 else len(text)
    return place


def _file(outcome: Outcome, marks: Marks, kind: EffectKind, name: str) -> None:
    name = name.strip()
    if name and name not in _STREAMS:
        outcome.effect(kind, marks.value(name))


def read_ed(code: Value, budget: Budget) -> Read:
    """`!cmd`, `r !cmd`, `r file`, `w file`, `w !cmd`, `e file`."""
    marks, outcome = Marks(), Outcome()
    inserting = False
    for line in marks.text(code).split("\n"):
        if not budget.spend():
            break
        bare = line.strip()
        if inserting:
            inserting = bare != "."
            continue
        match = re.match(r"(?:[\d,.$;%+-]|/[^/]*/|'.)*\s*([!a-zA-Z])\s*(.*)", bare)
        if match is None:
            continue
        letter, rest = match[1], match[2]
        inserting = letter in "aic" and not rest
        if letter == "!":
            outcome.shell(marks.value(rest))
        elif letter in "reEwWf" and rest.lstrip("q ").startswith("!"):
            outcome.shell(marks.value(rest.lstrip("q ")[1:]))
        elif letter in "reE":
            _file(outcome, marks, EffectKind.READS, rest)
        elif letter in "wW":
            _file(outcome, marks, EffectKind.WRITES, rest.removeprefix("q"))
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def read_vim(code: Value, budget: Budget) -> Read:
    """Commands of vim, a line or a `|` between them."""
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    for line in text.split("\n"):
        # A shell takes the rest of the line, `|` and all.
        pending = [line]
        while pending and budget.spend():
            command = _stripped(pending.pop())
            match = _VIM_NAME.match(command)
            if match is None:
                if command and marks.marked(command[0]):
                    outcome.opaquely(Origin.UNKNOWN)
                continue
            if not _vim_command(match[1], match[3], marks, outcome):
                head, bar, tail = command.partition("|")
                if bar:
                    pending.append(tail)
                _vim_calls(head, marks, outcome)
    return Read(outcome.inline(over_budget=budget.over), tuple(outcome.nested))


def _stripped(command: str) -> str:
    """The command without range and modifiers."""
    while True:
        match = _VIM_RANGE.match(command)
        shorter = command[match.end() :] if match else command
        match = _VIM_PREFIX.match(shorter)
        shorter = shorter[match.end() :] if match else shorter
        if shorter == command:
            return command
        command = shorter


def _vim_command(name: str, rest: str, marks: Marks, outcome: Outcome) -> bool:
    """Note what a command does; whether it takes the whole line."""
    if name == "!" or (name in ("r", "read", "w", "write", "terminal", "ter", "term") and rest.startswith("!")):
        outcome.shell(marks.value(rest.lstrip("!")))
        return True
    if name in ("terminal", "ter", "term"):
        outcome.shell(marks.value(rest))
        return True
    if name in _VIM_CODE:
        outcome.nested.append((_VIM_CODE[name], marks.value(rest)))
        return True
    word = rest.split("|")[0].removeprefix("++ff=unix").removeprefix(">>").strip()
    if name in ("exe", "exec", "execute", "norm", "normal", "cal", "call", "ec", "echo", "let", "put", "pu", "if"):
        if name.startswith("exe") and (text := _VIM_TEXT.match(rest.strip())) is not None:
            inner = _VIM_NAME.match(_stripped(text[1] or text[2] or ""))
            if inner is not None:
                _vim_command(inner[1], inner[3], marks, outcome)
        elif name.startswith("exe"):
            outcome.opaquely(Origin.UNKNOWN)
    elif word and name in _VIM_SOURCES:
        _file(outcome, marks, EffectKind.EXECUTES, word)
    elif word and name in _VIM_WRITES:
        _file(outcome, marks, EffectKind.WRITES, word)
    elif word and name in _VIM_READS:
        _file(outcome, marks, EffectKind.READS, word)
    elif word and name in ("cd", "lcd", "chd", "chdir"):
        outcome.directory = outcome.path(marks.value(word))
    elif name in ("sh", "shell"):
        outcome.argv((("sh",),))
    return False


def _vim_calls(command: str, marks: Marks, outcome: Outcome) -> None:
    for match in _VIM_CALL.finditer(command):
        text = _VIM_TEXT.match(command, match.end())
        value = marks.value((text[1] or text[2] or "") if text else "")
        if match[1] in ("readfile",) and value:
            outcome.effect(EffectKind.READS, value)
        elif match[1] == "writefile":
            _, _, rest = command[match.end() :].rpartition(",")
            if (target := _VIM_TEXT.search(rest)) is not None:
                outcome.effect(EffectKind.WRITES, marks.value(target[1] or target[2] or ""))
        elif match[1] == "delete" and value:
            outcome.effect(EffectKind.DELETES, value)
        elif match[1] not in ("readfile", "delete", "execute"):
            if value:
                outcome.shell(value)
            else:
                outcome.opaquely(Origin.UNKNOWN)
