"""What can be wrong with a log, and where."""

from dataclasses import dataclass
from enum import Enum


class Damage(Enum):
    """What happened to the log, as far as a chain and its checkpoints can tell; the last four are about checkpoints."""

    EDIT = "edit"
    INSERTION = "insertion"
    REMOVAL = "removal"
    REORDER = "reorder"
    TRUNCATION = "truncation"
    REPLACED = "replaced"
    MISNAMED = "misnamed"
    UNREADABLE = "unreadable"
    FORGED = "forged"
    NO_KEY = "no_key"
    FOREIGN_KEY = "foreign_key"
    UNSIGNED = "unsigned"


# The chain itself is whole, but no key that counts says so.
UNPROVEN = frozenset({Damage.NO_KEY, Damage.FOREIGN_KEY, Damage.UNSIGNED})


@dataclass(frozen=True, slots=True)
class Problem:
    """The first bad record: `seq` is the number that stands, or should stand, at this line of this segment.

    Where a checkpoint shows it, segment and line are the checkpoint's, and `seq` the first record it does not prove.
    """

    damage: Damage
    seq: int
    segment: str
    line: int
    detail: str
