"""Code with holes to plain text: each unknown part becomes one character that may stand in a name and in a string."""

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value

# Ideographs of an extension that nobody's code is written in: letters to Python, JavaScript and the rest, and no
# normal form changes them.
_FIRST = 0x2A700
_LAST = 0x2B738


class Marks:
    """Which character stands for which hole, for the code and for all code made out of it."""

    __slots__ = ("_embedded", "_marks")

    def __init__(self) -> None:
        self._embedded: dict[str, Hole | str] = {}
        self._marks: dict[Hole | str, str] = {}

    def text(self, value: Value) -> str:
        """The text with its holes marked."""
        return "".join([self._mark(part) if isinstance(part, Hole) else self._plain(part) for part in value])

    def value(self, text: str) -> Value:
        """The text with its marks turned back into what they stood for."""
        if text.isascii() or not self._embedded:
            return (text,) if text else ()
        parts: list[str | Hole] = []
        literal: list[str] = []
        for char in text:
            meant = self._embedded.get(char, char)
            if isinstance(meant, str):
                literal.append(meant)
                continue
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(meant)
        if literal:
            parts.append("".join(literal))
        return tuple(parts)

    def marked(self, text: str) -> bool:
        """Whether there is a hole in this text."""
        if text.isascii() or not self._embedded:
            return False
        return any(isinstance(self._embedded.get(char), Hole) for char in text)

    def _plain(self, text: str) -> str:
        if text.isascii() or not any(_FIRST <= ord(char) <= _LAST for char in text):
            return text
        return "".join([self._mark(char) if _FIRST <= ord(char) <= _LAST else char for char in text])

    def _mark(self, meant: Hole | str) -> str:
        mark = self._marks.get(meant)
        if mark is None:
            number = len(self._embedded)
            if _FIRST + number >= _LAST:
                mark, meant = chr(_LAST), Hole(HoleKind.OTHER, "...", splits=True)
            else:
                mark = chr(_FIRST + number)
            self._embedded[mark] = meant
            self._marks[meant] = mark
        return mark
