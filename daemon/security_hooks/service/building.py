"""What the daemon asks of the worker process and what it hears back: plain data, length first, over a socket."""

import msgspec

from security_hooks.model.diagnostic import Diagnostic
from security_hooks.policy.built import Build
from security_hooks.policy.source import PolicyDirectories

MESSAGE_BYTES = 256 << 20


class BuildRequest(msgspec.Struct, frozen=True):
    """Read the sources and build them. `known` is the digest of the build in force and `full` its files that were
    not empty; `settled` the empty files that are meant to be empty; `may_fall_back` allows the last good sources.
    """

    number: int
    directories: PolicyDirectories
    root: str | None = None
    known: str = ""
    full: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()
    may_fall_back: bool = False


class BuildAnswer(msgspec.Struct, frozen=True):
    """What came of it. `build` is None where it is refused, and where the sources are those of `known` (`same`).

    With both `build` and an ERROR in `problems`, the last good sources were built because the present ones fail.
    `held` are the files taken for half written. `parsed` and `tried` count the work done.
    """

    number: int
    build: Build | None = None
    same: bool = False
    problems: tuple[Diagnostic, ...] = ()
    held: frozenset[str] = frozenset()
    parsed: int = 0
    tried: int = 0
