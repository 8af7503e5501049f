"""Which project a call belongs to, found anew for each call: a cached answer would be a stale policy.

Only looks whether names exist, about half a microsecond for each ancestor, and never reads what it finds.
"""

import os
from collections.abc import Callable

import msgspec

from security_hooks.model.event import Place

MARKS = (".security-hooks", ".git")
POLICY = ".security-hooks"
DEPTH = 64

# Nobody's project: what lies in them belongs to the system, to everybody, or to somebody's whole life.
_SYSTEM = frozenset(
    {
        "/",
        "/applications",
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib32",
        "/lib64",
        "/library",
        "/media",
        "/mnt",
        "/opt",
        "/private",
        "/proc",
        "/root",
        "/run",
        "/sbin",
        "/srv",
        "/sys",
        "/system",
        "/tmp",
        "/users",
        "/usr",
        "/var",
        "/var/tmp",
        "/volumes",
    }
)
# Nothing below these is a project either.
_SYSTEM_TREES = (
    "/bin/",
    "/boot/",
    "/dev/",
    "/etc/",
    "/lib/",
    "/lib64/",
    "/proc/",
    "/sbin/",
    "/sys/",
    "/system/",
    "/usr/",
)
_OPEN_TREES = ("/usr/local/src/", "/usr/src/", "/dev/shm/")
_HOMES = frozenset({"/home", "/users"})


class Located(msgspec.Struct, frozen=True, gc=False):
    """Where a call happens. `root` is its project, if that brings rules or configuration of its own."""

    place: Place
    root: str | None


def locate(cwd: str | None, home: str) -> Located:
    """The place of a call; looks at the disk, and so waits where the disk does."""
    project = find_project(cwd, home) if cwd is not None else None
    return Located(Place(cwd, home, project), project if project is not None and has_policy(project) else None)


def exists(path: str) -> bool:
    """Whether anything of this name is there; a link that leads nowhere is."""
    # A third of the price of `lstat`, which raises for each of the many names that are not there.
    return os.access(path, os.F_OK, follow_symlinks=False)


def find_project(cwd: str, home: str, exists: Callable[[str], bool] = exists) -> str | None:
    """The nearest ancestor with `.security-hooks` or `.git`, else `cwd`; never `/`, a home or a system tree."""
    start = _absolute(cwd)
    if start is None:
        return None
    home = home.rstrip("/")
    folded = start.lower()
    size = len(start)
    for _ in range(DEPTH):
        directory = start[:size]
        if not _is_nobodys(directory, folded[:size], home):
            for mark in MARKS:
                if exists(f"{directory}/{mark}"):
                    return directory
        size = start.rindex("/", 0, size)
        if not size:
            break
    return None if _is_nobodys(start, folded, home) else start


def has_policy(root: str) -> bool:
    """Whether a project brings rules or configuration; what cannot be looked at counts as there."""
    # Where the root itself can be searched, a name that is not found there is not there.
    return exists(f"{root}/{POLICY}") or not (os.access(root, os.X_OK) or _is_missing(f"{root}/{POLICY}"))


def _is_missing(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _absolute(cwd: str) -> str | None:
    if not cwd.startswith("/") or "\0" in cwd:
        return None
    if "/." in cwd or "//" in cwd:
        # `..` means what the file system says it means, links included.
        cwd = os.path.realpath(cwd) if "/.." in cwd else os.path.normpath(cwd)
    return "/" + cwd.strip("/")


def _is_nobodys(directory: str, folded: str, home: str) -> bool:
    # Case is folded because some file systems fold it; on the others the price is a project named `/Usr`.
    if directory == home or folded in _SYSTEM or folded[: folded.rindex("/")] in _HOMES:
        return True
    below = folded + "/"
    return below.startswith(_SYSTEM_TREES) and not below.startswith(_OPEN_TREES)
