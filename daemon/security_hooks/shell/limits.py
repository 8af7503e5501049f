"""How much work one script may cost, and the account of what it has cost so far."""

from collections.abc import Callable

import msgspec


class ShellLimits(msgspec.Struct, frozen=True):
    """What reading one script may cost.

    `bytes` bounds each text read, `nodes` counts statements, words and their parts, and every 256 characters that
    an expansion makes, `depth` nesting, `commands` how many commands are read, and how many are followed: each round
    of a loop that must be looked at again and each program behind a wrapper counts. The
    counts alone make the result a function of the text; `milliseconds` is looked at only where a `clock`
    (seconds, never going back) is given, because this package reads no clock of its own.
    """

    bytes: int = 1 << 20
    nodes: int = 10_000
    depth: int = 100
    milliseconds: float = 100.0
    clock: Callable[[], float] | None = None
    commands: int = 1000


class Budget:
    """The account of one script. Once `over`, it stays over: readers jump to their end and keep what they have."""

    __slots__ = ("_clock", "_deadline", "_left", "_to_follow", "_to_read", "limits", "over")

    def __init__(self, limits: ShellLimits) -> None:
        self.limits = limits
        self.over = False
        self._left = limits.nodes
        self._to_read = self._to_follow = limits.commands
        self._clock = limits.clock
        self._deadline = limits.clock() + limits.milliseconds / 1000 if limits.clock else 0.0

    def spend(self, nodes: int = 1) -> bool:
        """Count `nodes` more; False once the account is overdrawn."""
        self._left = left = self._left - nodes
        # The clock is dear: it is looked at once in 64 nodes.
        if left < 0 or (self._clock is not None and left >> 6 != (left + nodes) >> 6 and self._is_late()):
            self.over = True
            self._left = -1
            return False
        return True

    def read_command(self) -> None:
        """Count a command that was read; past the limit nothing more is read."""
        self._to_read -= 1
        if self._to_read < 0:
            self.over = True
            self._left = -1

    def follow(self) -> bool:
        """Count a command that is followed; False past the limit, and from then on."""
        self._to_follow -= 1
        if self._to_follow < 0:
            self.over = True
            return False
        return True

    def grant(self) -> None:
        """A quarter more, to look at what was read before the account was overdrawn; `over` stays."""
        if not self._is_late():
            self._left = max(self._left, self.limits.nodes // 4)

    def _is_late(self) -> bool:
        return self._clock is not None and self._clock() > self._deadline
