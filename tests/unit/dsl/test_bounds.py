"""What lies outside of entries: tables; the laws are in `tests/property/test_scope_laws.py`."""

import pytest

from security_hooks.dsl.bounds import bounds_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import LOOKED, CallFacts
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.model.world import Entry

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
TOOL = ToolCall("Bash", ToolKind.SHELL)
EVENT = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=TOOL)


class Disk:
    """A world of names: directories with what is in them, and links."""

    def __init__(self, directories: dict[str, tuple[str, ...]], links: dict[str, str | None]) -> None:
        self.directories, self.links = directories, links

    def kind(self, path: str) -> Entry:
        if path in self.directories:
            return Entry.DIRECTORY
        above, _, name = path.rpartition("/")
        return Entry.FILE if name in self.directories.get(above, ()) else Entry.MISSING

    def real(self, path: str) -> str | None:
        for link, target in self.links.items():
            if path == link or path.startswith(f"{link}/"):
                return None if target is None else target + path[len(link) :]
        return path

    def read(self, path: str, most: int) -> bytes | None:
        return None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        return self.directories.get(path)


DISK = Disk(
    {"/p": ("a.py", "b.py", "d", "e", ".env"), "/p/d": ("x", "secret"), "/p/e": ("x",)},
    {"/p/b.py": "/q/b.py", "/p/e": "/q/e", "/p/lost": None},
)


def word(*parts: str) -> Word:
    """`*` is a glob of the shell, `$X` a variable."""
    made = tuple(
        Hole(HoleKind.GLOB, part)
        if part in ("*", "?", "**")
        else Hole(HoleKind.PARAMETER, part)
        if part[0] == "$"
        else part
        for part in parts
    )
    return Word(made, (0, 0), parts[0] if len(made) == 1 and isinstance(made[0], str) else None)


def asked(entries: tuple[str, ...], effect: Effect, project: str | None = "/p") -> tuple[Truth, CallFacts]:
    call = CallFacts(EVENT, TOOL, Place(project, "/h", project), None, world=DISK)
    return bounds_of(entries, project, "/h").outside(effect, call), call


W, D, M = EffectKind.WRITES, EffectKind.DELETES, EffectKind.CHANGES_MODE


@pytest.mark.parametrize(
    ("entries", "kind", "path", "truth"),
    [
        ((".",), W, word("/p/a.py"), NO),
        ((".",), W, word("/p/", "*", ".py"), YES),
        ((".",), M, word("/p/", "*"), YES),
        ((".",), W, word("/p/a", "*"), NO),
        ((".",), D, word("/p/", "*", ".py"), NO),
        ((".",), D, word("/p/", "*", "/x"), YES),
        ((".",), W, word("/p/d/", "*"), NO),
        ((".",), W, word("/p/", "**", "/x"), UNKNOWN),
        ((".", "!d/secret"), D, word("/p/d/", "*"), YES),
        ((".", "!d/secret"), D, word("/p/d/x", "*"), NO),
        ((".", "!**/sec*"), M, word("/p/d/", "*"), YES),
        ((".",), W, word("/p/$"), NO),
        ((".",), W, word("/p/", "$X"), UNKNOWN),
        ((".",), W, word("/p/", "$RANDOM"), NO),
        ((".",), W, word("/etc/", "$X"), YES),
        (("/q/r",), W, word("/q/", "$X"), UNKNOWN),
        (("/q/[[]r]",), W, word("/q/[r]/x"), NO),
        ((".",), W, word("$X"), UNKNOWN),
        (("!/q",), W, word("/etc/x"), NO),
        (("!/q",), W, word("/q/x"), YES),
        (("!/q",), W, word("$X"), UNKNOWN),
        (("~",), W, word("/h/x"), NO),
        (("~",), W, word("/root/x"), YES),
        (("!~/x",), W, word("/h/x/y"), YES),
        ((".",), W, word("/tmp/x"), NO),
        ((".", "!/tmp"), W, word("/tmp/x"), YES),
        ((".",), W, word("/h/.claude/plans/a.md"), NO),
    ],
)
def test_what_lies_outside(entries: tuple[str, ...], kind: EffectKind, path: Word, truth: Truth) -> None:
    assert asked(entries, Effect(kind, path))[0] is truth


@pytest.mark.parametrize(
    ("effect", "truth"),
    [
        (Effect(W, None), UNKNOWN),
        (Effect(W, word("/p/e/x"), real=word("/q/e/x")), YES),
        (Effect(W, word("/q/x"), real=word("/p/x")), NO),
        (Effect(W, word("/p/keep"), real=word("/p/other")), YES),
        (Effect(W, word("/p/other"), real=word("/p/keep")), YES),
        (Effect(W, word("/p/x"), unresolved=True), UNKNOWN),
        (Effect(W, word("/etc/x"), unresolved=True), YES),
        (Effect(D, word("/p"), recursive=True), YES),
        (Effect(W, word("/p"), recursive=True), UNKNOWN),
        (Effect(D, word("/p"), contents=True), YES),
        (Effect(D, word("/p/d"), recursive=True), UNKNOWN),
        (Effect(D, word("/p/a.py"), recursive=True), NO),
        (Effect(EffectKind.NAMES, word("/aws/lambda"), Scope.ELSEWHERE), NO),
        (Effect(EffectKind.NAMES, word("/etc/q"), Scope.SYSTEM), YES),
    ],
)
def test_links_and_what_lies_below(effect: Effect, truth: Truth) -> None:
    assert asked((".", "!keep", "!**/secret"), effect)[0] is truth


def test_without_a_project_nobody_knows_where_relative_entries_are() -> None:
    assert asked((".", "/q"), Effect(W, word("/p/x")), project=None)[0] is UNKNOWN
    assert asked((".", "/q"), Effect(W, word("/q/x")), project=None)[0] is NO


def test_links_above_an_entry_are_followed_and_those_in_it_are_not() -> None:
    disk = Disk({}, {"/home": "/var/home", "/home/u/p/src": "/etc", "/var/home/u/p/src": "/etc"})
    call = CallFacts(EVENT, TOOL, Place("/home/u/p", "/home/u", "/home/u/p"), None, world=disk)

    def outside(target: str, real: str, *entries: str) -> Truth:
        effect = Effect(W, word(target), real=word(real))
        return bounds_of(entries, "/home/u/p", "/home/u").outside(effect, call)

    assert outside("/home/u/p/a", "/var/home/u/p/a", ".") is NO
    assert outside("/home/u/p/a", "/var/home/u/p/a", ".", "!a") is YES
    assert outside("/home/u/p/a", "/var/home/u/q/a", ".") is YES
    assert outside("/home/u/p/src/a", "/etc/a", ".") is YES
    assert outside("/home/u/p/src/a", "/etc/a", "src") is YES
    # A session may have put a link in the place of the outer one.
    assert outside("/home/u/p/src/b/a", "/etc/b/a", "src", "src/b") is YES
    assert outside("/elsewhere/a", "/var/home/u/p/a", ".") is YES


def test_what_was_looked_up_on_the_disk_is_said() -> None:
    assert LOOKED not in asked((".",), Effect(W, word("/p/a.py")))[1].memo
    assert LOOKED in asked((".",), Effect(W, word("/p/", "*")))[1].memo
