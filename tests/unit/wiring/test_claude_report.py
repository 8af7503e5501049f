import json
from collections.abc import Callable
from typing import Any

import pytest

from security_hooks.wiring.claude_code import groups, managed_text
from security_hooks.wiring.claude_report import claude_report
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.report import Report, Role, Settings
from security_hooks.wiring.table import wired_client

LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "0123abcd")


def user(**more: Any) -> dict[str, Any]:
    return {"hooks": {event: [group] for event, group in groups(LINE, None).items()}, **more}


def report(**files: Any) -> Report:
    """A report about files by their roles; a string is a text as it is."""
    found = (
        Settings(Role(role), f"/{role}.json", value if isinstance(value, str) else json.dumps(value))
        for role, value in files.items()
    )
    return claude_report(tuple(found))


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    """A person's settings with our hook for tool calls changed: `change(group, hook)`."""
    settings: dict[str, Any] = json.loads(json.dumps(user()))
    group = settings["hooks"]["PreToolUse"][0]
    change(group, group["hooks"][0])
    return settings


def test_installed_settings_are_in_force_and_nothing_is_said_of_them() -> None:
    for found in (report(user=user()), report(managed=managed_text(LINE, None))):
        assert found.is_wired and found.hook is not None and found.remarks == ()


def test_the_machines_own_switch_takes_its_hooks_too() -> None:
    two = (
        Settings(Role.MANAGED, "/a.json", '{"disableAllHooks": true}'),
        Settings(Role.MANAGED, "/b.json", managed_text(LINE, None)),
    )
    for files in (two, two[::-1]):
        assert "/a.json sets `disableAllHooks`" in claude_report(files).why_off()
    assert report(managed=managed_text(LINE, None), user={"disableAllHooks": True}).hook is not None


def test_a_shell_line_that_ends_in_2_is_as_good() -> None:
    old = {"hooks": {event: [group] for event, group in groups(LINE, (2, 1, 200)).items()}}
    assert report(user=old).hook is not None
    assert report(user=old, project={"env": {"CLAUDE_CODE_SHELL_PREFIX": "/bin/true"}}).why_off()
    assert not report(user=user(), project={"env": {"CLAUDE_CODE_SHELL_PREFIX": "/bin/true"}}).why_off()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no settings file holds our hooks"),
        ({"user": {}}, "no settings file holds our hooks"),
        ({"user": json.dumps(user())[:-1] + ",}"}, "/user.json:1:"),
        ({"user": user(model="a", disableAllHooks=1)}, "neither true nor false"),
        ({"user": user(disableAllHooks=True)}, "`disableAllHooks`"),
        ({"user": user(), "project": {"disableAllHooks": True}}, "/project.json sets `disableAllHooks`"),
        ({"user": user(), "local": {"disableAllHooks": True}, "project": {"disableAllHooks": False}}, "/local.json"),
        ({"user": user(), "managed": {"allowManagedHooksOnly": True}}, "managed hooks only"),
        ({"user": changed(lambda group, _: group.update(matcher="Bash"))}, "a `matcher`"),
        ({"user": changed(lambda _, hook: hook.update({"async": True}))}, "`async`"),
        ({"user": changed(lambda _, hook: hook.update({"if": "Bash(git *)"}))}, "an `if`"),
        ({"user": changed(lambda _, hook: hook.update(timeout=0.05))}, "a `timeout`"),
        ({"user": changed(lambda _, hook: hook.update(onFailure="continue"))}, "not set to block"),
        ({"user": changed(lambda _, hook: hook.pop("onFailure"))}, "not set to block"),
        ({"user": user(), "project": changed(lambda _, hook: hook.update(timeout=0.05))}, "/project.json: our hook"),
        ({"user": {"hooks": {"Stop": user()["hooks"]["PreToolUse"]}}}, "`PreToolUse` is not wired"),
    ],
)
def test_what_takes_our_hook_out_of_force_is_told(files: dict[str, Any], says: str) -> None:
    found = report(**files)
    assert found.hook is None
    assert says in found.why_off()


@pytest.mark.parametrize(
    "files",
    [
        {"managed": managed_text(LINE, None), "user": {"disableAllHooks": True}},
        {"managed": managed_text(LINE, None), "project": changed(lambda _, hook: hook.update(timeout=0.05))},
        {"managed": {"disableAllHooks": False}, "user": user(), "project": {"disableAllHooks": True}},
        {"user": user(), "project": "{ broken"},
    ],
)
def test_what_the_client_does_not_heed_takes_nothing_out_of_force(files: dict[str, Any]) -> None:
    assert report(**files).hook is not None


def test_what_is_missing_observing_or_strange_is_a_warning() -> None:
    few = user()
    del few["hooks"]["ConfigChange"]
    watching = {
        "hooks": {
            event: [group] for event, group in groups(HookLine("/security-hooks-shim", None, "1", True), None).items()
        }
    }
    strange = {"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "x"}]}]}}
    for files, says in (
        ({"user": few}, "not wired: ConfigChange"),
        ({"user": watching}, "--observe"),
        ({"user": user(), "project": strange}, "hooks of its own"),
    ):
        found = report(**files)
        assert found.hook is not None
        assert [remark.state for remark in found.remarks] == ["warning"]
        assert says in found.remarks[0].finding


def test_a_variable_that_starts_the_client_without_hooks_is_bad() -> None:
    assert "without hooks" in report(user=user(env={"CLAUDE_CODE_SIMPLE": "1"})).why_off()
    assert not report(user=user(), project={"env": {"CLAUDE_CODE_SIMPLE": "1"}}).why_off()


def test_a_file_that_cannot_be_read_is_told() -> None:
    found = claude_report((Settings(Role.USER, "/user.json", None, "it is no regular file"),))
    assert "no regular file" in found.why_off()
    assert len(wired_client("claude-code").events) == len(groups(LINE, None))
