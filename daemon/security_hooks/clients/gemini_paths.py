"""The paths that Gemini CLI's file tools really use: they change a path after the hook has seen it.

NUL bytes are dropped, a leading `@` is dropped unless such a file exists, percent escapes are decoded. Which of these
apply depends on the disk, so every reading that the client may come to is kept. `~` and `$HOME` are plain names there.
"""

from posixpath import join, normpath
from urllib.parse import unquote

_ROUNDS = 3


def readings(written: str) -> tuple[str, ...]:
    """Every path that the client may read `written` as, the likeliest first; never empty."""
    found = [written.replace("\0", "")]
    fresh = found
    for _ in range(_ROUNDS):
        changed = [other for path in fresh for other in (path.removeprefix("@"), unquote(path).replace("\0", ""))]
        fresh = [path for path in dict.fromkeys(changed) if path not in found]
        if not fresh:
            break
        # What the client changes it changes before it looks, so the path as written is the least likely.
        found = fresh + found
    return tuple(found)


def absolute(path: str, cwd: str | None) -> str:
    """The path as the client resolves it, textually. Without a cwd it stays relative, and `~` stays a plain name."""
    if cwd is None and not path.startswith("/"):
        return "./" + path
    return "/" + normpath(join(cwd or "/", path)).lstrip("/")
