"""Which closed segments go: the oldest first, while they are over a limit and every sink has taken them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Closed:
    """A segment that is not written to any more: its records, its name and the bytes that it takes."""

    first: int
    last: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What goes. `before` is a time as the log writes it: segments go whose last record is older. `keep_bytes`: the
    oldest go while the log is larger. None is no limit. What a sink has not taken stays, unless `even_undelivered` or
    the log is larger than `most_bytes`. `by` says whose limits these are.
    """

    by: str
    before: str | None = None
    keep_bytes: int | None = None
    most_bytes: int | None = None
    even_undelivered: bool = False

    def spelled(self) -> str:
        """For the record and for people."""
        words = (
            f"older than {self.before}" if self.before is not None else "",
            f"over {self.keep_bytes} bytes" if self.keep_bytes is not None else "",
        )
        return ", ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Plan:
    """The segments that go. `undelivered` counts, for each sink, records that go without it; `held` those that stay
    for its sake, in the first segment that would have gone.
    """

    segments: tuple[Closed, ...] = ()
    undelivered: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many records go."""
        return self.segments[-1].last - self.segments[0].first + 1 if self.segments else 0

    @property
    def size(self) -> int:
        """How many bytes go."""
        return sum(segment.size for segment in self.segments)


def plan(
    closed: Sequence[Closed], total: int, limits: Limits, taken: Mapping[str, int], newest: Callable[[Closed], str]
) -> Plan:
    """`total` are the bytes of the whole log, `taken` says up to which record each sink has it, `newest` when the last
    record of a segment was written (empty where that is not known: such a segment is not old).
    """
    going: list[Closed] = []
    undelivered: dict[str, int] = {}
    for segment in closed:
        is_large = limits.keep_bytes is not None and total > limits.keep_bytes
        if not is_large and not _is_old(segment, limits, newest):
            break
        waiting = {
            sink: segment.last - max(seq, segment.first - 1) for sink, seq in taken.items() if seq < segment.last
        }
        is_far_over = limits.most_bytes is not None and total > limits.most_bytes
        if waiting and not limits.even_undelivered and not is_far_over:
            return Plan(tuple(going), undelivered, waiting)
        for sink, count in waiting.items():
            undelivered[sink] = undelivered.get(sink, 0) + count
        going.append(segment)
        total -= segment.size
    return Plan(tuple(going), undelivered)


def _is_old(segment: Closed, limits: Limits, newest: Callable[[Closed], str]) -> bool:
    return limits.before is not None and "" < newest(segment) < limits.before
