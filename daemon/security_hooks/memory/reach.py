"""Which paths are too large to stand for what lies in them, and what lies above a path."""

from collections.abc import Iterator


def is_whole(path: str, home: str, project: str | None) -> bool:
    """Whether it is a root, a home, a project, or has one of these in it: to deny it says little of its parts."""
    if path.count("/") < 2 or path in (home, project):
        return True
    below = path + "/"
    return home.startswith(below) or (project is not None and project.startswith(below))


def above(path: str) -> Iterator[str]:
    """The directories that a path lies in, the nearest first, `/` the last."""
    while path != "/":
        path = path.rpartition("/")[0] or "/"
        yield path
