"""The files of the service on this machine: which ones, how they differ from what they should be, and writing them.

Changes nothing but these files, each by renaming a whole one over it. Which commands make the manager take notice is
told, not done, here.
"""

import contextlib
import difflib
import os
import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.service.origin import LAUNCHD_LABEL
from security_hooks.service.units import Installation, launch_agent, service_unit, socket_unit

_SOCKET, _SERVICE = "security-hooks.socket", "security-hooks.service"


class Manager(Enum):
    """Who keeps the daemon running."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"


class Scope(Enum):
    """For whom the files are: one user, or each user of the machine with a daemon of their own."""

    USER = "user"
    ALL_USERS = "all users"


@dataclass(frozen=True, slots=True)
class Person:
    """For whom we install: home and configuration directory, number, and where their shims look for the socket."""

    home: Path
    config: Path
    uid: int
    socket: Path


@dataclass(frozen=True, slots=True)
class ManagerCommand:
    """A command of the manager's; one that `may_fail` only clears the way."""

    words: tuple[str, ...]
    may_fail: bool = False

    def __str__(self) -> str:
        """As one types it."""
        return shlex.join(self.words)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file: where it belongs, and what it should say."""

    path: Path
    content: bytes

    def present(self) -> bytes | None:
        """What stands there; None where nothing does. Raises StartupError."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StartupError(f"cannot read {self.path}: {error.strerror}") from error

    def diff(self, wanted: bytes | None) -> str:
        """What would change if it said `wanted` (None: were gone); empty for nothing."""
        before, after = ((text or b"").decode(errors="replace").splitlines(True) for text in (self.present(), wanted))
        return "".join(difflib.unified_diff(before, after, str(self.path), str(self.path)))


def unit_files(
    manager: Manager, scope: Scope, person: Person, installation: Installation, root: Path
) -> tuple[UnitFile, ...]:
    """The files of the service, below `root`."""
    if manager is Manager.LAUNCHD:
        if scope is Scope.ALL_USERS:
            raise StartupError("launchd needs each user's own paths; run it as each of them, with --user", 64)
        log = person.home / "Library/Logs/security-hooks.log"
        content = launch_agent(installation, installation.socket or person.socket, log)
        return (UnitFile(_below(root, person.home / f"Library/LaunchAgents/{LAUNCHD_LABEL}.plist"), content),)
    directory = person.config / "systemd/user" if scope is Scope.USER else Path("/etc/systemd/user")
    texts = {_SOCKET: socket_unit(installation), _SERVICE: service_unit(installation)}
    return tuple(UnitFile(_below(root, directory / name), text.encode()) for name, text in texts.items())


def start_commands(
    manager: Manager, scope: Scope, person: Person, changed: Collection[UnitFile]
) -> Iterator[ManagerCommand]:
    """What makes the manager serve by the files, now and after each login. `changed` are those that were others."""
    if manager is Manager.LAUNCHD:
        agent = f"gui/{person.uid}"
        yield ManagerCommand(("launchctl", "bootout", f"{agent}/{LAUNCHD_LABEL}"), may_fail=True)
        path = person.home / f"Library/LaunchAgents/{LAUNCHD_LABEL}.plist"
        yield ManagerCommand(("launchctl", "bootstrap", agent, str(path)))
        return
    if scope is Scope.ALL_USERS:
        yield ManagerCommand(("systemctl", "--global", "enable", _SOCKET, _SERVICE))
        return
    yield ManagerCommand(("systemctl", "--user", "daemon-reload"))
    yield ManagerCommand(("systemctl", "--user", "enable", _SOCKET, _SERVICE))
    # A socket that stays keeps the calls that come meanwhile.
    is_socket_changed = any(file.path.name == _SOCKET for file in changed)
    units = (_SOCKET, _SERVICE) if is_socket_changed else (_SERVICE,)
    yield ManagerCommand(("systemctl", "--user", "restart", *units))


def stop_commands(manager: Manager, scope: Scope, person: Person) -> Iterator[ManagerCommand]:
    """What makes the manager forget the service; to be run while the files are still there."""
    if manager is Manager.LAUNCHD:
        yield ManagerCommand(("launchctl", "bootout", f"gui/{person.uid}/{LAUNCHD_LABEL}"), may_fail=True)
        return
    which = ("--global", "disable") if scope is Scope.ALL_USERS else ("--user", "disable", "--now")
    yield ManagerCommand(("systemctl", *which, _SOCKET, _SERVICE))


def forget_commands(manager: Manager, scope: Scope) -> Iterator[ManagerCommand]:
    """What makes the manager notice that the files are gone."""
    if manager is Manager.SYSTEMD and scope is Scope.USER:
        yield ManagerCommand(("systemctl", "--user", "daemon-reload"))


def write(file: UnitFile) -> None:
    """Put a file in its place, whole; raises StartupError."""
    fresh = file.path.with_name(f".{file.path.name}.{os.getpid()}")
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fresh.write_bytes(file.content)
            fresh.chmod(0o644)
            fresh.replace(file.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
    except OSError as error:
        raise StartupError(f"cannot write {file.path}: {error.strerror}") from error


def remove(file: UnitFile) -> None:
    """Take a file away; raises StartupError."""
    try:
        file.path.unlink(missing_ok=True)
    except OSError as error:
        raise StartupError(f"cannot remove {file.path}: {error.strerror}") from error


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")
