"""Words to paths: absolute, normalised, holes kept; and where on the machine a path lies."""

from collections.abc import Sequence
from posixpath import normpath

from security_hooks.model.effect import Scope
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind, Word

Value = tuple[str | Hole, ...]

_PROJECT = Scope.PROJECT
_HERE = Hole(HoleKind.OTHER, "$PWD")
# Files that hold nothing and keep nothing.
_NOTHING = frozenset(
    ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/stdout", "/dev/stderr",
     "/dev/tty", "/dev/ptmx")
)  # fmt: skip
_DESCRIPTORS = ("/dev/fd/", "/proc/self/fd/")
TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp", "/var/folders", "/private/var/folders", "/dev/shm")
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


def led_to(path: Word, followed: str | None) -> Word | None:
    """Where a path leads once links are followed; None where that is not known, and where it is the path itself."""
    return None if followed is None or followed == path.literal else Word((followed,), path.span, followed)


def beginning(path: Word) -> tuple[str, str] | None:
    """Of a path that is not known whole, the directory that it surely begins in, and what is known behind that; None
    where that is none but `/`.
    """
    first = path.parts[0] if path.parts else None
    if path.literal is not None or not isinstance(first, str) or first[:1] != "/":
        return None
    cut = first.rfind("/")
    return (first[:cut], first[cut:]) if cut > 0 else None


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
        return _PROJECT
    if any(_is_below(literal, root) for root in TEMPORARY):
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
    merged = _joined(parts)
    if not merged:
        return Word((), span, "")
    if len(merged) == 1 and isinstance(merged[0], str):
        path = _normal(merged[0])
        return Word((path,), span, path)
    first = merged[0]
    if isinstance(first, str) and first[:1] == "/":
        cut = first.rfind("/")
        directory = _normal(first[: cut + 1])
        merged[0] = (directory if directory == "/" else directory + "/") + first[cut + 1 :]
    if any(type(part) is str and "/.." in part for part in merged[1:]):
        merged = _joined(_climbed(merged))
        literal = merged[0] if len(merged) == 1 else None
        return Word(tuple(merged), span, literal if isinstance(literal, str) else None)
    return Word(tuple(merged), span, None)


def _joined(parts: Value) -> list[str | Hole]:
    joined: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part:
            joined.append(part)
    return joined


def _climbed(parts: Sequence[str | Hole]) -> Value:
    """The path without the `..` behind its holes: above what is not known anything may lie."""
    names: list[list[str | Hole]] = [[]]
    for part in parts:
        pieces = part.split("/") if isinstance(part, str) else [part]
        names[-1] += [piece for piece in pieces[:1] if piece]
        names += [[piece] if piece else [] for piece in pieces[1:]]
    root: list[list[str | Hole]] = [] if names[0] else [names.pop(0)]
    kept: list[list[str | Hole]] = []
    for name in names:
        if name == [".."]:
            above = kept.pop() if kept else None
            if above is not None and not all(isinstance(part, str) or _is_one_name(part) for part in above):
                kept = [[Hole(HoleKind.OTHER, "/".join(map(_shown, (*root, *kept, above, name))))]]
                root = []
        elif name not in ([], ["."]):
            kept.append(name)
    climbed = [part for name in kept for part in ("/", *name)]
    return tuple(climbed[0 if root else 1 :]) or ("/",)


def _is_one_name(hole: Hole) -> bool:
    return hole.kind is HoleKind.GLOB and "**" not in hole.source


def _shown(name: list[str | Hole]) -> str:
    return "".join([part.source if isinstance(part, Hole) else part for part in name])


def _is_below(path: str, root: str) -> bool:
    return path.startswith(root) and (len(path) == len(root) or path[len(root)] == "/" or root == "/")
