"""The file system as the analysis may see it. The real one is `service/world.py`; `Nowhere` is the fictitious one."""

from enum import Enum
from typing import Protocol


class Entry(Enum):
    """What stands at a path, links followed. UNKNOWN: it could not be looked at, or not in time."""

    FILE = "file"
    DIRECTORY = "directory"
    OTHER = "other"
    MISSING = "missing"
    UNKNOWN = "unknown"


class World(Protocol):
    """Questions about files. Paths are absolute. None of them raises, waits for long or changes anything."""

    def kind(self, path: str) -> Entry:
        """What stands there."""
        ...

    def real(self, path: str) -> str | None:
        """The path with every link followed, as far as it exists; None where that cannot be said."""
        ...

    def read(self, path: str, most: int) -> bytes | None:
        """The content of a regular file of at most `most` bytes; None where there is none such or it cannot be said."""
        ...

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        """The names in a directory, sorted; None where there are more than `most`, it is none or it cannot be said."""
        ...


class Nowhere:
    """The world of rule examples and of `check --batch`: nothing exists."""

    def kind(self, path: str) -> Entry:  # noqa: ARG002 - the protocol's
        """Nothing stands anywhere."""
        return Entry.MISSING

    def real(self, path: str) -> str | None:
        """No path leads elsewhere."""
        return path

    def read(self, path: str, most: int) -> bytes | None:  # noqa: ARG002 - the protocol's
        """There is nothing to read."""
        return None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        """There is no directory."""
        return None


NOWHERE = Nowhere()
