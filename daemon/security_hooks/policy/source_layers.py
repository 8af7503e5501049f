"""Reads configuration files into layers, and a project's `.security-hooks/` into the bytes that trust is about.

One of the two files of this package that touch the disk. It opens without blocking, takes regular files only and
caps sizes, because a project's files are whatever somebody put there.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.config_read import LAYER_BYTES
from security_hooks.policy.config_types import Layer
from security_hooks.policy.trust import TrustStore, parse_store

FILES = ("config.toml", "config.local.toml")
PROJECT_DIR = ".security-hooks"
PROJECT_FILES = 1000
PROJECT_BYTES = 16 << 20
PROJECT_DEPTH = 16
TRUST_FILE = "trust.json"
TRUST_BYTES = 4 << 20


def read_layers(
    shipped_dir: Path, system_dir: Path, config_dir: Path, project: Path | None, trusted: bool
) -> tuple[Layer, ...]:
    """Every configuration file there is, in order of precedence; a missing one is no layer.

    `project` is the project's root. Raises PolicyError where a file is there and cannot be
    read. Whoever has read the project's files already, to see whether they are trusted, must not have them read
    again (they may have changed): pass None here and add `project_layers`.
    """
    layers = tuple(
        Layer(name, shown(directory / file), text)
        for name, directory in (("shipped", shipped_dir), ("system", system_dir), ("user", config_dir))
        for file in FILES
        if (text := _read(directory / file, LAYER_BYTES)) is not None
    )
    if project is None:
        return layers
    files = {file: text for file in FILES if (text := _read(project / PROJECT_DIR / file, LAYER_BYTES)) is not None}
    return layers + project_layers(project, files, trusted)


def project_layers(project: Path, files: Mapping[str, bytes], trusted: bool) -> tuple[Layer, ...]:
    """The layers among a project's files, as `read_project` returned them."""
    return tuple(
        Layer("project", shown(project / PROJECT_DIR / file), files[file], trusted) for file in FILES if file in files
    )


def read_project(project: Path) -> dict[str, bytes]:
    """Every regular file below a project's `.security-hooks`, by its name relative to that; links are followed.

    Raises PolicyError where one cannot be read or they are too many: then nobody can have trusted them. What is
    neither file nor directory is left out, as no part of us reads it.
    """
    root = project / PROJECT_DIR
    files: dict[str, bytes] = {}
    size = 0
    for path in _files_below(root):
        content = _read(path, PROJECT_BYTES - size)
        if content is None:
            continue
        files[str(path.relative_to(root))] = content
        size += len(content)
        if len(files) > PROJECT_FILES:
            raise _unreadable(root, f"the directory has more than {PROJECT_FILES} files")
    return files


def read_trust(state_dir: Path) -> tuple[TrustStore, tuple[Diagnostic, ...]]:
    """Which projects a person has trusted; one that is missing, unreadable or corrupt trusts nothing."""
    path = state_dir / TRUST_FILE
    try:
        text = _read(path, TRUST_BYTES)
    except PolicyError as error:
        return TrustStore(), tuple(replace(found, level=Level.WARNING) for found in error.diagnostics)
    return (TrustStore(), ()) if text is None else parse_store(text, shown(path))


def shown(path: Path) -> str:
    """A path as text that every encoder takes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _files_below(root: Path) -> Iterator[Path]:
    pending = [(root, 0)]
    while pending:
        directory, depth = pending.pop()
        if depth > PROJECT_DEPTH:
            raise _unreadable(directory, f"directories are nested more than {PROJECT_DEPTH} deep")
        try:
            with os.scandir(directory) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            for entry in found:
                if entry.is_dir():
                    pending.append((Path(entry.path), depth + 1))
                elif entry.is_file():
                    yield Path(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _unreadable(directory, f"the directory cannot be read: {error.strerror}") from None


def _read(path: Path, most: int) -> bytes | None:
    """A regular file's bytes; None where there is no file, and not even a link to one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        if _is_dangling(path) or _is_dangling(path.parent):
            raise _unreadable(path, "a link here leads nowhere") from None
        return None
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, "this is not a regular file")
        content = b""
        while len(content) <= most and (piece := os.read(descriptor, most + 1 - len(content))):
            content += piece
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise _unreadable(path, f"the file is larger than {most} bytes")
    return content


def _is_dangling(path: Path) -> bool:
    return path.is_symlink() and not path.exists()


def _unreadable(path: Path, message: str) -> PolicyError:
    return PolicyError((Diagnostic(shown(path), 0, 0, "unreadable", message),))
