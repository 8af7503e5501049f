"""What a person has granted, by project: in force until it ends, kept in a file so that a restart forgets nothing.

The file holds words, and no rules: what they mean is worked out anew. A grant ends at its time by whichever clock is
first there, so that a clock that is set back prolongs nothing. Bounded.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.record import Json

MOST_OF_PROJECT = 32
MOST = 256


class Grant(msgspec.Struct, frozen=True):
    """One grant: `verb`, `word` and `argument` as in the table of words, `said` all of it in plain form.

    `begun` and `until` are Unix time in seconds. `by` is `prompt` or `terminal`, `pid` the process that asked. With a
    `session` it ends with that session of `client` at the latest. `lifts` are the rules that it names, if it does.
    """

    id: str
    project: str
    said: str
    verb: str
    word: str
    argument: str
    begun: float
    until: float
    by: str
    pid: int
    client: str = ""
    session: str = ""
    lifts: tuple[str, ...] = ()

    def fields(self) -> dict[str, Json]:
        """What the log tells of it."""
        return {
            "id": self.id,
            "project": self.project,
            "said": self.said,
            "by": self.by,
            "until": int(self.until),
            **({"session": self.session} if self.session else {}),
        }


class Held(msgspec.Struct, frozen=True):
    """A grant and its rule; `ends` is by the clock that never goes back."""

    grant: Grant
    rule: ResolvedRule
    ends: float


class Grants:
    """The grants in force. `ended` is told of each that is over; `clock` never goes back, `now` is Unix time."""

    def __init__(
        self,
        file: Path,
        ended: Callable[[Grant, str], None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._ended = ended
        self._clock = clock
        self.now = now
        self._held: dict[str, Held] = {}

    def is_full(self, project: str) -> bool:
        """Whether no more grants are taken."""
        return len(self._held) >= MOST or len(self.of(project)) >= MOST_OF_PROJECT

    def has(self, identity: str) -> bool:
        """Whether there is a grant of this id."""
        return identity in self._held

    def of(self, project: str | None) -> tuple[Held, ...]:
        """Those in force in a project; with none at all this costs a look."""
        if not self._held or project is None:
            return ()
        self.prune()
        return tuple(held for held in self._held.values() if held.grant.project == project)

    def all(self) -> tuple[Grant, ...]:
        """Those in force anywhere, the oldest first."""
        self.prune()
        return tuple(held.grant for held in self._held.values())

    def add(self, grant: Grant, rule: ResolvedRule) -> None:
        """Put a grant in force, in place of one that says the same or the opposite; after an OSError it is not."""
        same = [
            held.grant
            for held in self.of(grant.project)
            if (held.grant.word, held.grant.argument) == (grant.word, grant.argument)
        ]
        gone = {other.id for other in same}
        kept = {key: held for key, held in self._held.items() if key not in gone}
        left = max(0.0, grant.until - self.now())
        kept[grant.id] = Held(grant, rule, self._clock() + left)
        self._save(held.grant for held in kept.values())
        self._held = kept
        for other in same:
            self._ended(other, f"replaced by {grant.id}")

    def restore(self, kept: Iterable[tuple[Grant, ResolvedRule]], longest: float) -> None:
        """Put in force what was kept, as long as it is to last, and no longer than `longest` seconds from now."""
        now = self.now()
        for grant, rule in kept:
            left = min(grant.until - now, longest)
            if left > 0 and len(self._held) < MOST:
                self._held[grant.id] = Held(grant, rule, self._clock() + left)

    def revoke(self, identity: str) -> Grant | None:
        """End one; raises OSError where that could not be kept, and then it holds until the next start."""
        held = self._held.get(identity)
        if held is not None:
            self._end([held], "revoked")
        return None if held is None else held.grant

    def end_session(self, client: str, session: str) -> None:
        """End those that hold for a session; what that cannot be written of is back after a restart, until its time."""
        mine = [held for held in self._held.values() if (held.grant.client, held.grant.session) == (client, session)]
        if mine and session:
            self._quietly(mine, "the session has ended")

    def prune(self) -> None:
        """End those whose time is up."""
        now, clock = self.now(), self._clock()
        over = [held for held in self._held.values() if clock >= held.ends or now >= held.grant.until]
        if over:
            self._quietly(over, "its time was up")

    def until_next_end(self) -> float | None:
        """Seconds until the next one ends; None where there is none."""
        now, clock = self.now(), self._clock()
        left = (min(held.ends - clock, held.grant.until - now) for held in self._held.values())
        return min(left, default=None)

    def _quietly(self, over: list[Held], why: str) -> None:
        try:
            self._end(over, why)
        except OSError:
            return

    def _end(self, over: list[Held], why: str) -> None:
        for held in over:
            del self._held[held.grant.id]
            self._ended(held.grant, why)
        self._save(held.grant for held in self._held.values())

    def _save(self, grants: Iterable[Grant]) -> None:
        save(self._file, grants)


def save(file: Path, grants: Iterable[Grant]) -> None:
    """Replace the file at once; raises OSError."""
    beside = file.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(msgspec.json.encode(list(grants)))
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)


def load(file: Path) -> tuple[Grant, ...]:
    """What was kept; nothing where there is no file. Raises OSError and msgspec.DecodeError where it cannot be read."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return ()
    return tuple(msgspec.json.decode(data, type=list[Grant]))
