"""`client`, `cwd_in`, `permission_mode`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("condition", "truth"), [('client("codex-cli")', YES), ('client("c*")', YES), ('client("gemini-cli")', NO)]
)
def test_client(build: SimpleNamespace, condition: str, truth: Truth) -> None:
    assert build.ask(condition, Facts(build.call(client="codex-cli"), None)) is truth


@pytest.mark.parametrize(
    ("condition", "cwd", "truth"),
    [
        ('cwd_in("/work")', "/work", YES),
        ('cwd_in("/work/")', "/work/a/b", YES),
        ('cwd_in("/work")', "/workshop", NO),
        ('cwd_in("/work")', "/work/../etc", NO),
        ('cwd_in("/")', "/etc", YES),
        ('cwd_in("/work/*/src")', "/work/a/src/b", YES),
        ('cwd_in("*/src")', "/a/src", YES),
        ('cwd_in("~")', "/home/person/x", YES),
        ('cwd_in("~")', "/home/person", YES),
        ('cwd_in("~/x")', "/home/person/x/y", YES),
        ('cwd_in("~/x")', "/home/person", NO),
        ('cwd_in("~")', "/home/personal", NO),
        ('cwd_in("~")', "/", NO),
        ('cwd_in("/work")', None, UNKNOWN),
    ],
)
def test_cwd_in(build: SimpleNamespace, condition: str, cwd: str | None, truth: Truth) -> None:
    assert build.ask(condition, Facts(build.call(cwd=cwd), None)) is truth


@pytest.mark.parametrize(("mode", "truth"), [("plan", YES), ("default", NO), (None, UNKNOWN)])
def test_permission_mode(build: SimpleNamespace, mode: str | None, truth: Truth) -> None:
    assert build.ask('permission_mode("plan", "bypass*")', Facts(build.call(mode=mode), None)) is truth
