"""Names that look like other names: letters of other scripts, characters that cannot be seen, one slip of a key."""

import re
import unicodedata
from collections.abc import Iterable

# Letters that people take for the Latin ones, in the fonts of terminals. NFKC does the rest: full width, mathematical.
_LATIN = str.maketrans(
    dict(
        zip(
            "аеорсухіјѕһԁԛԝьгпкмтвАВЕКМНОРСТУХІЈЅԌԚԜЗαβγεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսհոցզքԱՏՕıɑɡɩʀʏᴏꞌǃⅼ",
            "aeopcyxijshdqwbrnkmtBABEKMHOPCTYXIJSGQW3aByeiKvoptuxABEZHIKMNOPTYXouhngqqUSOiagiRYo'!l",
            strict=True,
        )
    )
)
_SEPARATORS = re.compile(r"[-_.:\s]+")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_DIGITS = str.maketrans("015", "ols")
_LEAST_LETTERS = 5
_LONGEST = 256


def seen(name: str) -> str:
    """The name as it looks: compatible characters as one, foreign letters as the Latin ones, nothing that is unseen."""
    if name.isascii():
        return name
    text = unicodedata.normalize("NFKC", name[:_LONGEST])
    shown = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Mn", "Cc"})
    return shown.translate(_LATIN)


def is_disguised(name: str) -> bool:
    """Whether a name has characters that cannot be seen, or Latin letters beside others that only look like them."""
    if name.isascii():
        return not name.isprintable()
    if any(unicodedata.category(char) in {"Cf", "Cc", "Cn", "Co"} for char in name[:_LONGEST]):
        return True
    # Whole words may be of different scripts: that is how people write.
    return any(_is_mixed(word) for word in _SEPARATORS.split(name[:_LONGEST]))


class Neighbours:
    """Names that others may be near to: by a slip of case, separators, signs that resemble each other, or one letter of
    many. They are prepared once, and asked about for every call.
    """

    __slots__ = ("_alike", "_by_length", "_loose")

    def __init__(self, names: Iterable[str]) -> None:
        self._loose = frozenset(map(_loose, names))
        self._alike = frozenset(map(_alike, self._loose))
        self._by_length: dict[int, tuple[str, ...]] = {}
        for name in sorted(self._loose):
            if _letters(name) >= _LEAST_LETTERS:
                self._by_length[len(name)] = (*self._by_length.get(len(name), ()), name)

    def are_near(self, name: str) -> bool:
        """Whether a name is near to one of them, or the same."""
        loose = _loose(name)
        if loose in self._loose or _alike(loose) in self._alike:
            return True
        if len(loose) < _LEAST_LETTERS or _letters(loose) < _LEAST_LETTERS:
            return False
        nearby = (self._by_length.get(len(loose) + more, ()) for more in (-1, 0, 1))
        return any(_is_one_edit(loose, known) for names in nearby for known in names)


def _is_mixed(word: str) -> bool:
    has_latin = any(char.isascii() and char.isalpha() for char in word)
    return has_latin and any(ord(char) in _LATIN for char in word)


def _loose(name: str) -> str:
    return _SEPARATORS.sub("", seen(name[:_LONGEST]).casefold())


def _alike(name: str) -> str:
    for pair, single in _PAIRS:
        name = name.replace(pair, single)
    return name.translate(_DIGITS)


def _letters(name: str) -> int:
    return sum(char.isalpha() for char in name)


def _is_one_edit(one: str, other: str) -> bool:
    """Whether one letter is added, left out or another, or two neighbours are swapped; numbers tell servers apart."""
    if len(one) > len(other):
        one, other = other, one
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    rest, longer = one[start:], other[start:]
    if len(one) < len(other):
        return rest == longer[1:] and not longer[0].isdigit()
    if not rest:
        return False
    if rest[1:] == longer[1:]:
        return not (rest[0].isdigit() or longer[0].isdigit())
    is_swapped = rest[:2] == longer[1::-1] and rest[2:] == longer[2:]
    return is_swapped and not any(char.isdigit() for char in rest[:2])
