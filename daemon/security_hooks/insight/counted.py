"""How often there was something, by its name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """How many calls there are of what a name stands for."""

    name: str
    calls: int
