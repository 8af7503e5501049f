"""Awk programs: `system()`, pipes to and from commands, files read by `getline` and written by `print`."""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome, merged
from security_hooks.shell.inline.reading import Read, Value
from security_hooks.shell.limits import Budget

_TOKEN = re.compile(
    r"(?P<skip>[ \t\r]+|\\\n|\#[^\n]*)|(?P<text>\"(?:[^\"\\\n]|\\.)*\")|(?P<name>[^\W\d]\w*)|(?P<number>[\d.]+)"
    r"|(?P<sign>\|&|\|\||>>|>=|<=|==|!=|&&|\n|.)",
    re.DOTALL,
)
_NAME = re.compile(r'"([A-Za-z_]\w*)"', re.ASCII)
_REGEX = re.compile(r"/(?:[^/\\\n]|\\.)*/")
_BEFORE_REGEX = frozenset(("", "(", ",", "{", "}", ";", "\n", "!", "~", "&&", "||", "if"))
_ENDS = frozenset(("\n", ";", "{", "}", "|", "|&", ">", ">>", "<", ")", ","))
_MOST_JOINED = 64
_STREAMS = ("/dev/stdout", "/dev/stderr", "-", "/dev/stdin")
_ANY = Hole(HoleKind.OTHER, "...")
_SPLITTING = Hole(HoleKind.OTHER, "...", splits=True)


class _Awk:
    """The tokens of one program, and what its names hold where they were given a text once."""

    def __init__(self, code: Value, budget: Budget) -> None:
        self.marks = Marks()
        self.outcome = Outcome()
        self._tokens = self._tokenise(self.marks.text(code), budget)
        self._names: dict[str, Value | None] = {}

    def _tokenise(self, text: str, budget: Budget) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        place = 0
        last = ""
        while place < len(text) and budget.spend():
            match = (_REGEX.match(text, place) if last in _BEFORE_REGEX else None) or _TOKEN.match(text, place)
            if match is None:
                break
            place = match.end()
            kind = match.lastgroup or "regex"
            if kind != "skip":
                last = match[0] if kind in ("sign", "name") else "text"
                tokens.append((kind, match[0]))
        return tokens

    def read(self) -> None:
        """Note all that the program does."""
        depth, printing = 0, False
        for place, (kind, text) in enumerate(self._tokens):
            if kind == "name":
                self._assignment(place)
                if text == "system":
                    self.outcome.shell(self._joined(place + 1, 1, for_shell=True))
                elif text in ("print", "printf"):
                    printing, depth = True, 0
                elif text == "ENVIRON":
                    name = self._joined(place + 1, 1)
                    self.outcome.effect(EffectKind.READS_ENV, name)
                elif text == "getline":
                    self._getline(place)
                elif self.marks.marked(text) and place == 0:
                    self.outcome.opaquely(Origin.UNKNOWN)
            elif kind == "sign":
                depth += (text in "([") - (text in ")]")
                if printing and depth <= 0 and text in (">", ">>"):
                    self._file(EffectKind.WRITES, self._joined(place + 1, 1))
                elif printing and depth <= 0 and text in ("|", "|&"):
                    self._run(self._joined(place + 1, 1, for_shell=True))
                if text in (";", "\n", "}"):
                    printing, depth = False, 0
            elif (kind == "text" and text == '"/inet/') or text.startswith(('"/inet/', '"/inet4/', '"/inet6/')):
                pieces = text.strip('"').split("/")
                self.outcome.effect(EffectKind.CONNECTS, (pieces[4],) if len(pieces) > 4 and pieces[4] else ())

    def _assignment(self, place: int) -> None:
        """`name = text` makes the text known; a second one makes it unknown."""
        following = self._tokens[place + 1][1] if place + 1 < len(self._tokens) else ""
        if following == "=":
            name = self._tokens[place][1]
            value = self._joined(place + 2, 1)
            self._names[name] = value if name not in self._names or self._names[name] == value else None

    def _getline(self, place: int) -> None:
        before = self._tokens[place - 1][1] if place else ""
        if before in ("|", "|&"):
            self.outcome.shell(self._joined(place - 2, -1))
        after = place + 1
        while after < len(self._tokens) and self._tokens[after][0] == "name":
            after += 1
        if after < len(self._tokens) and self._tokens[after][1] == "<":
            self._file(EffectKind.READS, self._joined(after + 1, 1))

    def _run(self, value: Value) -> None:
        # A name under /inet is a connection, noted where it is written.
        if not (value and str(value[0]).startswith("/inet")):
            self.outcome.shell(value)

    def _file(self, kind: EffectKind, value: Value) -> None:
        if not (len(value) == 1 and (value[0] in _STREAMS or str(value[0]).startswith("/inet"))):
            self.outcome.effect(kind, value)

    def _variable(self, place: int) -> str | None:
        """The variable in `ENVIRON["NAME"]`."""
        texts = [text for _, text in self._tokens[place : place + 4]]
        if len(texts) < 4 or texts[0] != "ENVIRON" or texts[1] != "[" or texts[3] != "]":
            return None
        found = _NAME.fullmatch(texts[2])
        return None if found is None else found[1]

    def _joined(self, place: int, step: int, *, for_shell: bool = False) -> Value:
        """The texts side by side from here on, in this direction; in text `for_shell` its variables are the shell's."""
        parts: list[str | Hole] = []
        depth = 0
        end = max(-1, place - _MOST_JOINED) if step < 0 else min(len(self._tokens), place + _MOST_JOINED)
        while 0 <= place < len(self._tokens):
            if place == end:
                parts.append(_SPLITTING)
                break
            kind, text = self._tokens[place]
            if kind == "sign" and text in "([)]":
                depth += step if text in "([" else -step
                if depth < 0 or (depth == 0 and parts):
                    break
            elif kind == "sign" and text in _ENDS and (depth == 0 or text != ","):
                break
            elif kind == "text":
                parts += self.marks.value(unescaped(text[1:-1]))
            elif for_shell and step > 0 and (variable := self._variable(place)) is not None:
                parts.append(f"${{{variable}}}")
                place += 3
            elif kind == "name" and text in ("print", "getline", "in"):
                break
            elif kind == "name" and self._names.get(text) is not None:
                parts += self._names[text] or ()
            elif kind == "name":
                parts += self.marks.value(text) if self.marks.marked(text) else (_ANY,)
            else:
                parts.append(_SPLITTING)
            place += step
        return merged(tuple(parts if step > 0 else parts[::-1]))


def read_awk(code: Value, budget: Budget) -> Read:
    """What an awk program does besides reading its input."""
    awk = _Awk(code, budget)
    awk.read()
    return Read(awk.outcome.inline(over_budget=budget.over))
