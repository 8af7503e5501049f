"""Writing a file whole or not at all."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from security_hooks.model.failure import StartupError

CANNOT_WRITE = 70


def create_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` at `path` in one step. Raises StartupError where something is already, or it fails."""
    beside: str | None = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        # Unlike a rename, a link never takes the place of a file that came to be meanwhile.
        path.hardlink_to(beside)
    except OSError as error:
        raise StartupError(f"{path} cannot be written: {error.strerror}", CANNOT_WRITE) from None
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                Path(beside).unlink(missing_ok=True)


def replace_file(path: Path, content: bytes, mode: int | None = None) -> None:
    """Put `content` at `path` in one step; readers see the old file or the new one.

    A link stays a link: what it leads to is replaced. Without `mode`, an existing file keeps its own and a new
    one gets 0600. Raises StartupError where the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    beside: str | None = None
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, _mode_of(target) if mode is None else mode)
            os.fsync(descriptor)
        Path(beside).replace(target)
    except OSError as error:
        if beside is not None:
            with contextlib.suppress(OSError):
                Path(beside).unlink(missing_ok=True)
        raise StartupError(f"{target} cannot be written: {error.strerror}", CANNOT_WRITE) from None


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o600
