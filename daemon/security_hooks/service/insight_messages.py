"""What the daemon tells the process that reads its log, and what it hears back: plain data, by number."""

import msgspec


class Follow(msgspec.Struct, frozen=True, tag="follow"):
    """The first message: which log to read, and where the store of it is."""

    number: int
    log: str
    store: str


class Wake(msgspec.Struct, frozen=True, tag="wake"):
    """Something was written."""

    number: int


Message = Follow | Wake


class Standing(msgspec.Struct, frozen=True):
    """How far the store is. `is_current`: all was read that was there; `problem` says why not, or is empty."""

    number: int
    sequence: int = 0
    is_current: bool = False
    problem: str = ""
