"""What was counted in a sliding window, slot by slot, and what was counted before it.

INVARIANT: all that a session did stands either in its window or in its past; what leaves the window is given to whoever
keeps the machine's past. Bounded: a window has a fixed number of slots, and so many files.
"""

from collections import deque

import msgspec

# A window reaches back one slot further than its length, so that it never misses a part of it.
SLOTS = 15
MOST_FILES = 1_024


class Counts(msgspec.Struct):
    """How many calls and prompts, how many of them denied and with a secret, how many files read for the first time in
    their window, and in how many slots there was anything at all.
    """

    calls: int = 0
    denials: int = 0
    secrets: int = 0
    files: int = 0
    slots: int = 0

    def add(self, other: "Counts", sign: int = 1) -> None:
        """Add, or with -1 take away, what another has counted."""
        self.calls += sign * other.calls
        self.denials += sign * other.denials
        self.secrets += sign * other.secrets
        self.files += sign * other.files
        self.slots += sign * other.slots

    def halve(self) -> None:
        """Keep every rate and half of the weight, so that what comes counts for more than what was long ago."""
        self.calls //= 2
        self.denials //= 2
        self.secrets //= 2
        self.files //= 2
        self.slots //= 2


class Track:
    """What one session does."""

    __slots__ = ("_files", "_recent", "past", "window")

    def __init__(self) -> None:
        self._recent: deque[tuple[int, Counts]] = deque()
        self._files: dict[int, int] = {}
        self.window = Counts()
        self.past = Counts()

    @property
    def distinct_files(self) -> int:
        """How many files were read within the window, each counted once; MOST_FILES at most."""
        return len(self._files)

    def age(self, slot: int) -> Counts:
        """Let out of the window what is too old in this slot, and say what that was."""
        gone = Counts()
        oldest = slot - SLOTS
        while self._recent and self._recent[0][0] < oldest:
            gone.add(self._recent.popleft()[1])
        if gone.slots:
            self.window.add(gone, -1)
            self.past.add(gone)
            # In the order in which they were last read.
            for file, read in tuple(self._files.items()):
                if read >= oldest:
                    break
                del self._files[file]
        return gone

    def take(self, slot: int, *, is_denied: bool, has_secret: bool, files: tuple[str, ...]) -> None:
        """Count one call in a slot that is not before the last."""
        if not self._recent or self._recent[-1][0] != slot:
            self._recent.append((slot, Counts(slots=1)))
            self.window.slots += 1
        fresh = sum(self._read(hash(file), slot) for file in files)
        for counts in (self._recent[-1][1], self.window):
            counts.calls += 1
            counts.denials += is_denied
            counts.secrets += has_secret
            counts.files += fresh

    def _read(self, file: int, slot: int) -> bool:
        """Note that a file is read; whether it is for the first time in this window."""
        is_fresh = self._files.pop(file, None) is None
        if len(self._files) < MOST_FILES:
            self._files[file] = slot
        return is_fresh
