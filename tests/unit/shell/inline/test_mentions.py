import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.mentions import read_mentions
from security_hooks.shell.limits import Budget, ShellLimits


def mentioned(text: str) -> list[str]:
    effects = read_mentions((text,), Budget(ShellLimits())).effects
    assert not any(effect.certain for effect in effects)
    return [part for effect in effects for part in effect.target if isinstance(part, str)]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('open("/etc/shadow")', ["/etc/shadow"]),
        ("dump value ~/.ssh/authorized_keys x", ["~/.ssh/authorized_keys"]),
        ("$(file </etc/shadow)", ["/etc/shadow"]),
        (r"\input{/etc/passwd}", ["/etc/passwd"]),
        ("put /a/b /c/d.", ["/a/b", "/c/d"]),
        ("1/2 + a/b // no path", []),
        ("https://e.example/etc/passwd", []),
        ("", []),
    ],
)
def test_paths_are_found_where_something_begins(text: str, paths: list[str]) -> None:
    assert mentioned(text) == paths


def test_holes_are_passed_over() -> None:
    inline = read_mentions(("x ", Hole(HoleKind.PARAMETER, "$X"), " /etc/shadow"), Budget(ShellLimits()))
    assert [effect.target for effect in inline.effects] == [("/etc/shadow",)]


def test_very_many_paths_are_over_budget() -> None:
    text = " ".join(f"/a/{n}" for n in range(1000))
    assert read_mentions((text,), Budget(ShellLimits())).over_budget
