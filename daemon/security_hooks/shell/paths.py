"""Words to paths: absolute, normalised, holes kept; and where on the machine a path lies."""

from posixpath import normpath

from security_hooks.model.effect import Scope
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind, Word

Value = tuple[str | Hole, ...]

_HERE = Hole(HoleKind.OTHER, "$PWD")
# Files that hold nothing and keep nothing.
_NOTHING = frozenset(
    ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr",
     "/dev/tty", "/dev/ptmx")
)  # fmt: skip
_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")
_TEMP = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp", "/var/folders", "/private/var/folders", "/dev/shm")
_SYSTEM = (
    "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/var", "/opt", "/proc", "/sys",
    "/run", "/root", "/snap", "/nix", "/System", "/Library", "/Applications", "/private", "/cores",
)  # fmt: skip


def resolve(parts: Value, cwd: Value | None, span: tuple[int, int] = (0, 0)) -> Word:
    """The path that these parts name, seen from `cwd` (None: an unknown directory)."""
    if len(parts) == 1 and type(parts[0]) is str:
        text = parts[0]
        if text[0] == "/":
            path = _normal(text)
            return Word((path,), span, path)
        if cwd is not None and len(cwd) == 1 and type(cwd[0]) is str:
            path = _normal(f"{cwd[0]}/{text}")
            return Word((path,), span, path)
    first = parts[0] if parts else ""
    if not (isinstance(first, str) and first[:1] == "/") and not _stands_alone(parts):
        if isinstance(first, str):
            parts = (first.removeprefix("./"), *parts[1:])
        parts = (*(cwd or (_HERE,)), "/", *parts)
    return _merged(parts, span)


def directory_of_all(path: Word) -> Word | None:
    """The directory of which this path means everything (`/*`, `~/**`); None where it means something else."""
    parts = path.parts
    if len(parts) > 1 and parts[-1] == "/":
        parts = parts[:-1]
    last = parts[-1] if parts else None
    before = parts[-2] if len(parts) > 1 else None
    if type(last) is not Hole or last.kind is not HoleKind.GLOB or last.source.strip("*"):
        return None
    if type(before) is str and before.endswith("/."):
        # `.*`: all that is hidden.
        before = before[:-1]
    if type(before) is not str or before[-1] != "/":
        return None
    return _merged((*parts[:-2], before.rstrip("/") or "/"), path.span)


def is_nothing(path: Word) -> bool:
    """Whether reading or writing it means nothing: `/dev/null`, an open descriptor."""
    literal = path.literal
    return literal is not None and (literal in _NOTHING or literal.startswith(_DESCRIPTORS))


def scope_of(path: Word, place: Place) -> Scope:
    """Where an absolute path lies; with a hole in it, where its beginning says that it must."""
    literal = path.literal
    if literal is None:
        first = path.parts[0] if path.parts else None
        if not isinstance(first, str) or first == "/":
            return Scope.UNKNOWN
        # `/home/me/pro$X` may be anything below `/home/me`.
        literal = first[: first.rfind("/") + 1] + "?"
    if place.project is not None and _is_below(literal, place.project):
        return Scope.PROJECT
    if any(_is_below(literal, root) for root in _TEMP):
        return Scope.TEMP
    if _is_below(literal, place.home):
        return Scope.HOME
    if literal.startswith("/dev/"):
        return Scope.DEVICE
    if literal == "/" or any(_is_below(literal, root) for root in _SYSTEM):
        return Scope.SYSTEM
    return Scope.ELSEWHERE


def _normal(text: str) -> str:
    if "//" in text or "/." in text or text[-1] == "/":
        path = normpath(text)
        return path[1:] if path.startswith("//") else path
    return text


def _stands_alone(parts: Value) -> bool:
    """Whether the path begins with something that may be any directory: `"$D"/x`, `~user/x`."""
    first = parts[0] if parts else None
    return isinstance(first, Hole) and first.kind is not HoleKind.GLOB


def _merged(parts: Value, span: tuple[int, int]) -> Word:
    """One word of these parts; what stands before the first hole is normalised up to its last slash."""
    merged: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    if not merged:
        return Word((), span, "")
    if len(merged) == 1 and isinstance(merged[0], str):
        path = _normal(merged[0])
        return Word((path,), span, path)
    if any(isinstance(part, str) and "/.." in part for part in merged[1:]):
        merged = _climbed(merged)
    first = merged[0]
    if isinstance(first, str) and first[:1] == "/":
        cut = first.rfind("/")
        directory = _normal(first[: cut + 1])
        merged[0] = (directory if directory == "/" else directory + "/") + first[cut + 1 :]
    return Word(tuple(merged), span, None)


def _climbed(parts: list[str | Hole]) -> list[str | Hole]:
    """The parts with each `name/..` behind a hole taken out; what climbs out of the hole may lead anywhere."""
    climbed: list[str | Hole] = parts[:1]
    for part in parts[1:]:
        before = climbed[-1]
        if isinstance(part, Hole) or not isinstance(before, Hole) or part[:1] != "/" or "/.." not in part:
            climbed.append(part)
            continue
        names: list[str] = []
        over = False
        for name in part.split("/")[1:]:
            if name != "..":
                names += [name] if name not in ("", ".") else []
            elif names:
                names.pop()
            else:
                over = True
        if over:
            climbed = [Hole(before.kind, before.source + "/..", before.splits)]
        if names:
            climbed.append("/" + "/".join(names))
    return climbed


def _is_below(path: str, root: str) -> bool:
    return path.startswith(root) and (len(path) == len(root) or path[len(root)] == "/" or root == "/")
