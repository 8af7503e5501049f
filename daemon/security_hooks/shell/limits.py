"""How much work one script may cost, and the account of what it has cost so far."""

from collections.abc import Callable

import msgspec


class ShellLimits(msgspec.Struct, frozen=True):
    """What reading one script may cost.

    `bytes` bounds each text read, `nodes` counts statements, words and their parts, and every 256 characters that
    an expansion makes, `depth` nesting. The
    counts alone make the result a function of the text; `milliseconds` is looked at only where a `clock`
    (seconds, monotonic) is given, because this package reads no clock of its own.
    """

    bytes: int = 1 << 20
    nodes: int = 10_000
    depth: int = 100
    milliseconds: float = 100.0
    clock: Callable[[], float] | None = None


class Budget:
    """The account of one script. Once `over`, it stays over: readers jump to their end and keep what they have."""

    __slots__ = ("_clock", "_deadline", "_left", "limits", "over")

    def __init__(self, limits: ShellLimits) -> None:
        self.limits = limits
        self.over = False
        self._left = limits.nodes
        self._clock = limits.clock
        self._deadline = limits.clock() + limits.milliseconds / 1000 if limits.clock else 0.0

    def spend(self, nodes: int = 1) -> bool:
        """Count `nodes` more; False once the account is overdrawn."""
        self._left -= nodes
        if self._left < 0 or (self._clock is not None and not self._left & 63 and self._is_late()):
            self.over = True
            self._left = -1
            return False
        return True

    def grant(self) -> None:
        """A quarter more, to look at what was read before the account was overdrawn; `over` stays."""
        if not self._is_late():
            self._left = max(self._left, self.limits.nodes // 4)

    def _is_late(self) -> bool:
        return self._clock is not None and self._clock() > self._deadline
