"""The lines of `.gitignore` files to an answer: does git ignore a path? As git does it, so far as files say."""

from collections.abc import Sequence
from dataclasses import dataclass

from security_hooks.dsl.regex import Searcher, compile_pattern, flaw_of

_SPECIAL = frozenset(".^$+{}()|")
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One pattern; it is asked about the path as seen from its file's directory."""

    pattern: Searcher
    is_kept: bool
    directories_only: bool


@dataclass(frozen=True, slots=True)
class Level:
    """The lines of one file, the last first; `directory` is where they hold, with a slash at its end, or empty."""

    directory: str
    lines: tuple[Line, ...]


def read_level(text: str, directory: str = "") -> Level:
    """The lines of a file that stands in `directory` of the work tree. A line that is none is none to git, too."""
    lines = (_line(line) for line in text.splitlines()[:MOST_LINES])
    return Level(f"{directory}/" if directory else "", tuple(line for line in lines if line is not None)[::-1])


def is_ignored(levels: Sequence[Level], path: str, *, is_directory: bool) -> bool:
    """Whether these, the weakest first, ignore a path of the work tree none of whose directories is ignored."""
    for level in reversed(levels):
        if not path.startswith(level.directory):
            continue
        seen = path[len(level.directory) :].encode("utf-8", "surrogateescape")
        for line in level.lines:
            if (is_directory or not line.directories_only) and line.pattern.search(seen):
                return not line.is_kept
    return False


def _line(text: str) -> Line | None:
    if not text.strip() or text.startswith("#"):
        return None
    is_kept = text.startswith("!")
    text = text[is_kept:]
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    directories_only = text.endswith("/")
    text = text.rstrip("/") if directories_only else text
    if not text:
        return None
    is_anchored = "/" in text
    expression = _expression(text.removeprefix("/"))
    if expression is None:
        return None
    whole = f"^{expression}$" if is_anchored else f"(?:^|/){expression}$"
    return None if flaw_of(whole) else Line(compile_pattern(whole), is_kept, directories_only)


def _expression(glob: str) -> str | None:
    out: list[str] = []
    at = 0
    while at < len(glob):
        rest = glob[at:]
        if rest.startswith("**/") and (at == 0 or glob[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
        elif rest == "**" and at and glob[at - 1] == "/":
            out.append(".+")
            at += 2
        elif rest[0] == "*":
            out.append("[^/]*")
            at += 1
        elif rest[0] == "?":
            out.append("[^/]")
            at += 1
        elif rest[0] == "[":
            end = glob.find("]", at + (3 if rest[1:2] in ("!", "^") else 2))
            if end < 0:
                return None
            inner = glob[at + 1 : end]
            is_not = inner[:1] in ("!", "^")
            body = inner[is_not:].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
            out.append(f"[{'^' if is_not else ''}{body}]")
            at = end + 1
        else:
            skip = rest[0] == "\\" and len(rest) > 1
            char = rest[1] if skip else rest[0]
            out.append(f"\\{char}" if char in _SPECIAL or char in "*?[]\\" else char)
            at += 2 if skip else 1
    return "".join(out)
