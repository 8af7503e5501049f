"""Three-valued logic. UNKNOWN is a value: it never satisfies an `allow`, an `unless` or an `except`."""

from enum import IntEnum


class Truth(IntEnum):
    """Ordered so that `and` is `min` and `or` is `max`."""

    NO = 0
    UNKNOWN = 1
    YES = 2


def negate(truth: Truth) -> Truth:
    """`not`: YES and NO change places, UNKNOWN stays."""
    return Truth(2 - truth)
