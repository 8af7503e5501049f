"""Reading other programs' settings: whole, as text, and never anything but a file of bearable size."""

import os
import stat
from pathlib import Path

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.report import Role, Settings, place

LARGEST = 4 << 20


def read_bytes(path: Path) -> bytes | None:
    """A settings file as it is; None without one. Raises PolicyError where what is there cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        if path.is_symlink():
            raise refusal(path, "it is a link that leads nowhere") from None
        return None
    except OSError as error:
        raise refusal(path, f"it cannot be read: {(error.strerror or str(error)).lower()}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise refusal(path, "it is no regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise refusal(path, f"it is larger than {LARGEST >> 20} MiB")
    return content


def as_text(path: Path, content: bytes) -> str:
    """The text of a settings file; raises PolicyError where it is none."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise refusal(path, "it is not UTF-8", (line, column)) from None


def changeable(path: Path) -> Path | None:
    """The file or the nearest of its directories that others than root can change or replace; None where none is."""
    real = path.resolve()
    for at in dict.fromkeys((path, real, *real.parents, *path.parents)):
        try:
            status = at.stat()
        except OSError:
            continue
        if status.st_uid != 0 or status.st_mode & 0o022:
            return at
    return None


def read_settings(role: Role, path: Path, named: Path) -> Settings:
    """A settings file for a report; its client knows it as `named`."""
    try:
        content = read_bytes(path)
        return Settings(role, str(path), None if content is None else as_text(path, content), named=str(named))
    except PolicyError as error:
        return Settings(role, str(path), None, error.diagnostics[0].message, str(named))


def refusal(path: Path, why: str, at: tuple[int, int] = (0, 0)) -> PolicyError:
    """Why a settings file is left as it is."""
    hint = "nothing was written; mend the file, or move it away, and try again"
    return PolicyError((Diagnostic(str(path), *at, "settings-refused", why, hint),))


def refused_text(path: Path, text: str, error: TextError) -> PolicyError:
    """The same for a text that its client could not use, with the place."""
    return refusal(path, error.message, place(text, error.at))
