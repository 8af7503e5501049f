"""Writing a file whole or not at all."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from security_hooks.model.failure import StartupError

CANNOT_WRITE = 70


def create_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path` in one step. Raises StartupError where something is already, or it fails."""
    with _written_beside(path, content, mode) as beside:
        # Unlike a rename, a link never takes the place of a file that came to be meanwhile.
        path.hardlink_to(beside)


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Put `content` at `path` in one step; readers see the old file or the new one.

    A link stays a link: what it leads to is replaced. Without `mode`, an existing file keeps its own and a new
    one gets 0600. Raises StartupError where the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    with _written_beside(target, content, mode) as beside:
        beside.replace(target)


@contextlib.contextmanager
def _written_beside(path: Path, content: bytes, mode: int | None) -> Iterator[Path]:
    """A file in the directory of `path` that holds the content safely, and is gone afterwards if it is still there.

    Raises StartupError where it cannot be written, or not be put in its place within.
    """
    beside: Path | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        beside = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, _mode_of(path) if mode is None else mode)
            os.fsync(descriptor)
        yield beside
    except OSError as error:
        raise StartupError(f"{path} cannot be written: {error.strerror}", CANNOT_WRITE) from None
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o600
