"""Changes of settings files on a person's terminal and on the disk: all of them are made, or none."""

import contextlib
import difflib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from security_hooks.cli.atomic import CANNOT_WRITE, replace_file
from security_hooks.cli.visible import visible
from security_hooks.install.plan import BACKUP, Change
from security_hooks.model.failure import StartupError
from security_hooks.wiring.gemini import EXTENSION

_COLOURS = {"+": "32", "-": "31", "@": "36"}
_PUBLIC, _PRIVATE = 0o644, 0o600


def show(changes: Sequence[Change]) -> None:
    """A diff of every file, with one line around each change: settings may hold secrets."""
    for change in changes:
        before, after = _lines(change.before), _lines(change.after)
        old, new = (
            str(change.path) if content is not None else os.devnull for content in (change.before, change.after)
        )
        for line in difflib.unified_diff(before, after, old, new, n=1, lineterm=""):
            print(_coloured(visible(line)))


def as_json(change: Change) -> dict[str, str]:
    """A change for `--json`."""
    done = "created" if change.before is None else "removed" if change.after is None else "changed"
    return {
        "file": str(change.path),
        "done": done,
        "backup": str(_backup(change.path)) if change.backup is not None else "",
    }


def told(change: Change) -> str:
    """A change in one line."""
    fields = as_json(change)
    kept = f"; what it was is in {fields['backup']}" if fields["backup"] else ""
    return f"{fields['done']} {fields['file']}{kept}"


def write(changes: Sequence[Change]) -> None:
    """Make all changes; where one fails, those made are taken back. Raises StartupError."""
    done: list[Change] = []
    try:
        for change in changes:
            _write_one(change)
            done.append(change)
    except StartupError:
        for change in reversed(done):
            with contextlib.suppress(StartupError):
                _put(change.path, change.before, is_managed=change.is_managed)
        raise


def _write_one(change: Change) -> None:
    if change.backup is not None:
        replace_file(_backup(change.path), change.backup, _mode(change.path, is_managed=change.is_managed))
    _put(change.path, change.after, is_managed=change.is_managed)


def _put(path: Path, content: bytes | None, *, is_managed: bool) -> None:
    try:
        if content is None:
            path.unlink(missing_ok=True)
            _tidy(path.parent)
            return
        path.parent.mkdir(mode=0o755 if is_managed else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"{path} cannot be changed: {error.strerror}", CANNOT_WRITE) from None
    replace_file(path, content, _mode(path, is_managed=is_managed))


def _tidy(directory: Path) -> None:
    """Remove what install made for files of ours alone; a client may complain of an extension without a manifest."""
    while EXTENSION in directory.parts[-2:]:
        try:
            directory.rmdir()
        except OSError:
            return
        directory = directory.parent


def _mode(path: Path, *, is_managed: bool) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        # Managed settings are read by every user's client.
        return _PUBLIC if is_managed else _PRIVATE


def _backup(path: Path) -> Path:
    return path.with_name(path.name + BACKUP)


def _lines(content: bytes | None) -> list[str]:
    return [] if content is None else content.decode("utf-8", "replace").splitlines()


def _coloured(line: str) -> str:
    colour = _COLOURS.get(line[:1])
    return f"\033[{colour}m{line}\033[0m" if colour is not None and sys.stdout.isatty() else line


def print_json(changes: Sequence[Change], more: dict[str, object]) -> None:
    """Everything as one object."""
    print(json.dumps({"changes": [as_json(change) for change in changes], **more}, indent=2))
