"""The secrets that were seen, as keyed hashes, and which of them a text carries. No I/O: key and time come as values.

A value is kept as the hashes of its pieces: every eight letters and digits in a row, forwards and backwards, with all
else taken out, so that cutting, joining and quoting change nothing; what is encoded in a text is decoded before it is
looked through (`secret_forms`). A text is looked up piece by piece in a table of marks, at the cost of a hash built in;
only where there is one is the keyed hash made. So the time is linear in the text, and nothing where nothing is known.

INVARIANT: no part of a value is reachable from a `SecretValues`, only hashes under its key.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from security_hooks.memory.secret_candidates import Candidate, squeezed
from security_hooks.memory.secret_forms import forms

PIECE = 8
# What of a value, in letters and digits, must be seen before it counts as carried; of a chosen one it is all.
ENOUGH = 16
# Longer values have a header in front that others share; of what follows this much is kept.
LONG = 64
MOST_PIECES = 512
MOST_PIECES_IN_ALL = 200_000
# Up to here every piece of a text is looked up, beyond it every fifth, until one is known; beyond all nothing is.
WHOLE = 4_096
STRIDE = 5
LARGEST = 262_144

# Texts in which nothing was found, looked through last: agents say the same again and again.
MOST_CLEAN = 512
LONGEST_CLEAN = 2_048

_MARKS = 1 << 22
_LAST_MARK = _MARKS - 1
# A place has twelve bits.
_LAST_FIRST = 2_048
_OTHERS = bytes(set(range(256)) - set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
_CAPITALS_AND_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# A piece counts that has two capitals or digits: words have not.
_RICH = re.compile(rb"[A-Z0-9](?:[a-z]{0,6}[A-Z0-9])+")
_RICH_IN_PIECE = re.compile(rb"[A-Z0-9][a-z]*[A-Z0-9]")
# `github_pat_`, `sk-ant-api03-`: all of a kind begin so.
_START = re.compile(r"(?:[a-z]{1,8}[0-9]{0,2}[-_]){1,3}")


class Known(msgspec.Struct, gc=False):
    """What is kept of one value besides hashes. `origin` is an MCP server whose output it was in, `seen_in` the tool;
    `at` when, in seconds; `need` how much must be carried; `seen` which places went out in parts before.
    """

    kind: str
    hosts: tuple[str, ...]
    is_strong: bool
    seen_in: str
    origin: str | None
    at: float
    need: int
    pieces: tuple[int, ...]
    number: int
    seen: set[int] = msgspec.field(default_factory=set)


class Carried(msgspec.Struct, frozen=True, gc=False):
    """A value of which a text carries something; `is_whole`: as much of it as counts."""

    known: Known
    places: frozenset[int]
    is_whole: bool


class SecretValues:
    """A bounded table of values. `key` is random and kept nowhere else; `most` values, each for `lifetime` seconds."""

    def __init__(self, key: bytes, most: int, lifetime: float) -> None:
        self._key = key
        self.most = most
        self.lifetime = lifetime
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._by_number: dict[int, int] = {}
        self._places: dict[int, tuple[int, ...]] = {}
        self._marks = bytearray(_MARKS)
        self._clean: dict[str, None] = {}
        self._numbers = 0
        self._pieces = 0

    def __len__(self) -> int:
        return len(self._known)

    def learn(self, candidate: Candidate, seen_in: str, origin: str | None, now: float) -> bool:
        """Remember a value, or that it was seen again; False where it has nothing that could be known again."""
        core = squeezed(candidate.value).encode("ascii")
        identity = self._hash(core + b"\0")
        known = self._known.get(identity)
        if known is not None:
            known.at = now
            self._known.move_to_end(identity)
            return True
        places = _places_of(candidate, len(core))
        backwards = core[::-1]
        whole = _covered(place for place in places if _RICH_IN_PIECE.search(core, place, place + PIECE))
        if whole < PIECE * 3 // 2:
            return False
        # A text that was looked through before may hold this very value.
        self._clean.clear()
        number = self._numbers
        self._numbers += 1
        made = []
        for place in places:
            for piece in {core[place : place + PIECE], backwards[len(core) - PIECE - place : len(core) - place]}:
                digest = self._hash(piece)
                self._places[digest] = (*self._places.get(digest, ()), number << 12 | place)
                self._marks[hash(piece) & _LAST_MARK] = 1
                made.append(digest)
        need = min(ENOUGH, whole) if candidate.is_strong else whole
        self._known[identity] = Known(
            candidate.kind, candidate.hosts, candidate.is_strong, seen_in, origin, now, need, tuple(made), number
        )
        self._by_number[number] = identity
        self._pieces += len(made)
        self._make_room()
        return True

    def expire(self, now: float) -> None:
        """Forget what was not seen for the lifetime."""
        while self._known and next(iter(self._known.values())).at + self.lifetime < now:
            self._forget()

    def find(self, texts: Iterable[str]) -> tuple[Carried, ...]:
        """What the texts carry together; nothing of a text over LARGEST. A part is no whole by itself."""
        if not self._known:
            return ()
        found: dict[int, set[int]] = {}
        for text in texts:
            if len(text) <= LARGEST and text not in self._clean:
                here = self._look_through(text.encode("utf-8", "replace"))
                for number, places in here.items():
                    found.setdefault(number, set()).update(places)
                if not here and len(text) <= LONGEST_CLEAN:
                    self._keep_clean(text)
        if not found:
            return ()
        carried = []
        for number, places in found.items():
            known = self._known[self._by_number[number]]
            carried.append(Carried(known, frozenset(places), _covered(places) >= known.need))
        return tuple(carried)

    def goes_out(self, carried: Carried) -> bool:
        """Whether a value is out once this text went: with the parts that went before. Remembers the part."""
        known = carried.known
        if carried.is_whole or not known.is_strong:
            return carried.is_whole
        known.seen |= carried.places
        return _covered(known.seen) >= known.need

    def _keep_clean(self, text: str) -> None:
        self._clean[text] = None
        if len(self._clean) > MOST_CLEAN:
            del self._clean[next(iter(self._clean))]

    def _look_through(self, data: bytes) -> dict[int, set[int]]:
        """The places of each value that a text carries, by its number."""
        found: dict[int, set[int]] = {}
        # Nothing is found without two of these; of what is encoded there are many more.
        if len(data) - len(data.translate(None, _CAPITALS_AND_DIGITS)) >= 2:
            for form in forms(data):
                self._look(form.translate(None, _OTHERS), found)
        return found

    def _look(self, text: bytes, found: dict[int, set[int]]) -> None:
        if len(text) <= WHOLE:
            self._look_at(text, 0, len(text), found)
            return
        marks = self._marks
        end = 0
        for at in [i for i in range(0, len(text) - PIECE + 1, STRIDE) if marks[hash(text[i : i + PIECE]) & _LAST_MARK]]:
            if self._hash(text[at : at + PIECE]) in self._places:
                start = max(end - PIECE + 1, at - LONG, 0)
                end = min(at + LONG, len(text))
                self._look_at(text, start, end, found)

    def _look_at(self, text: bytes, start: int, end: int, found: dict[int, set[int]]) -> None:
        marks, last = self._marks, end - PIECE + 1
        ats: list[int] = []
        for rich in _RICH.finditer(text, start, end):
            begin, stop = rich.span()
            ats += range(max(start, begin - PIECE + 2), min(last, stop - 1))
        for at in [i for i in ats if marks[hash(text[i : i + PIECE]) & _LAST_MARK]]:
            for packed in self._places.get(self._hash(text[at : at + PIECE]), ()):
                found.setdefault(packed >> 12, set()).add(packed & 0xFFF)

    def _make_room(self) -> None:
        while len(self._known) > self.most or self._pieces > MOST_PIECES_IN_ALL:
            self._forget()

    def _forget(self) -> None:
        """Forget the value that was seen longest ago. Its marks stay: they cost a hash where they are met."""
        _, known = self._known.popitem(last=False)
        del self._by_number[known.number]
        self._pieces -= len(known.pieces)
        for digest in known.pieces:
            places = tuple(packed for packed in self._places.get(digest, ()) if packed >> 12 != known.number)
            if places:
                self._places[digest] = places
            else:
                self._places.pop(digest, None)
        if not self._known:
            self._marks = bytearray(_MARKS)

    def _hash(self, piece: bytes) -> int:
        return int.from_bytes(blake2b(piece, digest_size=8, key=self._key).digest(), "big")


def _places_of(candidate: Candidate, size: int) -> range:
    """Where the pieces begin that are kept: not in what all values of the kind begin with."""
    first = 0
    start = _START.match(candidate.value)
    if start is not None:
        first = max(0, len(squeezed(start[0])) - PIECE + 1)
    if size > LONG and candidate.kind != "private-key":
        first = max(first, min(size // 4, _LAST_FIRST))
    return range(first, min(size - PIECE + 1, first + MOST_PIECES))


def _covered(places: Iterable[int]) -> int:
    """How many characters the pieces that begin at these places cover."""
    return sum(end - begin for begin, end in _runs(places))


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    begin = end = 0
    for place in sorted(places):
        if place > end:
            if end:
                yield begin, end
            begin = place
        elif not end:
            begin = place
        end = place + PIECE
    if end:
        yield begin, end
