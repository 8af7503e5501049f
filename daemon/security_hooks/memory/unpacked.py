"""What lies below a directory that something from another machine was unpacked in: all of it, or what is named like it.

Kept among the traces of files, under the directory's path with a slash at its end, which no file's path has. In a
directory that is a project, a home or the like, other things stand as well: there only the directories count that
archives of this name usually hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from security_hooks.memory.reach import above
from security_hooks.model.session import Trace

MOST_NAMES = 4
_ARCHIVE = re.compile(r"(?:\.tar)?\.(?:tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|zip|7z|rar|jar|whl|crate|cpio)$")
_SEPARATOR = re.compile(r"[-_.][^-_.]*$")


def has_places(traces: Iterable[str]) -> bool:
    """Whether there are such directories among the traces."""
    return any(path.endswith("/") for path in traces)


def is_archive(path: str) -> bool:
    """Whether a file is an archive by its name."""
    return _ARCHIVE.search(path) is not None


def places_of(directory: str, archives: Iterable[str], *, is_shared: bool) -> Iterator[str]:
    """Under what to keep that archives were unpacked in a directory; `is_shared`: other things stand there, too."""
    directory = directory.rstrip("/")
    if not is_shared:
        yield f"{directory}/"
        return
    for archive in archives:
        name = _ARCHIVE.sub("", archive.rpartition("/")[2])
        for _ in range(MOST_NAMES):
            if not name:
                break
            yield f"{directory}/{name}/"
            # `tool-1.2-linux-x64.tgz` holds `tool-1.2-linux-x64`, `tool-1.2` or `tool`.
            name = _SEPARATOR.sub("", name) if _SEPARATOR.search(name) else ""


def inherited(traces: Mapping[str, tuple[Trace, ...]], path: str) -> tuple[Trace, ...]:
    """What a path holds by the directory that it lies in."""
    for directory in above(path):
        held = traces.get("/" if directory == "/" else f"{directory}/")
        if held:
            return held
    return ()


def held_at(traces: Mapping[str, tuple[Trace, ...]], path: str) -> tuple[Trace, ...]:
    """What a path holds: by itself, or by where it lies."""
    held = traces.get(path)
    return inherited(traces, path) if held is None and path.startswith("/") else held or ()
