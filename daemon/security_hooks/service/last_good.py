"""The last good policy, kept on disk: the sources as they were, and what they became.

Used at start: as it is while nothing changed, which saves the daemon from loading the parser; and loudly, where
the present sources cannot be used. Whatever is torn, foreign or of another version counts as not there.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from security_hooks import __version__
from security_hooks.policy.built import Build, Precompiled
from security_hooks.policy.source import Sources

PROJECTS = 64
_DIGEST = 32

Kept = TypeVar("Kept", bound="LastGood | LastGoodProject")


class LastGood(msgspec.Struct, frozen=True):
    """The machine's policy. `stamp` tells which code made the build; other code must make it again."""

    stamp: str
    sources: Sources
    build: Build


class LastGoodProject(msgspec.Struct, frozen=True):
    """A project's own part of the sources, without the machine's."""

    root: str
    sources: Sources


def file_for(state: str, root: str | None) -> Path:
    """Where the last good policy of the machine, or of a project, is kept."""
    name = "machine" if root is None else f"project-{hashlib.sha256(os.fsencode(root)).hexdigest()[:32]}"
    return Path(state) / "policy" / f"{name}.bin"


def save(path: Path, kept: LastGood | LastGoodProject) -> None:
    """Replace the file at once; raises OSError."""
    body = msgspec.msgpack.encode(kept)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(hashlib.sha256(body).digest() + body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _forget_oldest(path.parent)


def load(path: Path, kind: type[Kept]) -> Kept | None:
    """What was saved; None where there is nothing whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        return None
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.DecodeError:
        return None


def code_stamp() -> str:
    """Names the version and the very files of the code that makes builds."""
    package = Path(__file__).parents[1]
    whole = hashlib.sha256(__version__.encode())
    for file in sorted(_code(package)):
        status = file.stat()
        whole.update(f"{file.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return whole.hexdigest()


def load_precompiled(shipped: str) -> Build | None:
    """The build that came with the wheel, or that a checkout was set up with; None where another version left it."""
    for place, stamp in (("policy.bin", None), ("build/policy.bin", code_stamp)):
        try:
            data = (Path(shipped) / place).read_bytes()
            precompiled = msgspec.msgpack.decode(data, type=Precompiled)
        except (OSError, msgspec.DecodeError):
            continue
        is_ours = precompiled.version == __version__ and (stamp is None or precompiled.stamp == stamp())
        return precompiled.build if is_ours else None
    return None


def _code(package: Path) -> Iterator[Path]:
    for folder in ("catalogue", "dsl", "dsl/predicates", "policy"):
        for pattern in ("*.py", "*.lark", "*.rules"):
            yield from (package / folder).glob(pattern)


def _forget_oldest(directory: Path) -> None:
    projects = sorted(directory.glob("project-*.bin"), key=lambda file: file.stat().st_mtime_ns)
    for file in projects[:-PROJECTS]:
        file.unlink(missing_ok=True)
