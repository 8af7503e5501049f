"""Words to shell text that keeps their holes: each unknown part becomes one character that stands for it."""

from collections.abc import Iterable, Sequence

from security_hooks.model.word import Hole, HoleKind, Word

_FIRST = 0xF0000
_LAST = 0xFFFFD


class Text:
    """A shell text with holes: `embedded` says what each placeholder in `text` stands for."""

    __slots__ = ("embedded", "text")

    def __init__(self, parts: Iterable[str | Hole]) -> None:
        self.embedded: dict[str, Hole | str] = {}
        self.text = "".join([self._part(part) for part in parts])

    def _part(self, part: str | Hole) -> str:
        if type(part) is str and part.isascii():
            return part
        if isinstance(part, Hole):
            return self._placeholder(part)
        # A character that looks like a placeholder stands for itself.
        return "".join([self._placeholder(c) if _FIRST <= ord(c) <= _LAST else c for c in part])

    def _placeholder(self, value: Hole | str) -> str:
        if len(self.embedded) > _LAST - _FIRST:
            value = Hole(HoleKind.OTHER, "...", splits=True)
        mark = chr(_FIRST + min(len(self.embedded), _LAST - _FIRST))
        self.embedded[mark] = value
        return mark


def joined(words: Sequence[Word]) -> Text:
    """The words as one text, a blank between them, as `eval` and `ssh` join theirs."""
    parts: list[str | Hole] = []
    for number, word in enumerate(words):
        if number:
            parts.append(" ")
        parts.extend(word.parts)
    return Text(parts)


def requoted(words: Sequence[Word]) -> list[str | Hole]:
    """The words as text that reads back as these same words, a blank before each."""
    parts: list[str | Hole] = []
    for word in words:
        parts.append(" ''" if not word.parts else " ")
        for part in word.parts:
            if isinstance(part, str):
                parts.append("'" + part.replace("'", "'\\''") + "'")
            elif part.splits:
                parts.append(part)
            else:
                parts += ("'", part, "'")
    return parts


def shown(text: str, embedded: dict[str, Hole | str]) -> str:
    """The text with each placeholder replaced by what it stood for, as it was written there."""
    if not embedded:
        return text
    table = {ord(mark): value.source if isinstance(value, Hole) else value for mark, value in embedded.items()}
    return text.translate(table)
