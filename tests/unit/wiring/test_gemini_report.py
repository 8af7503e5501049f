import json
from collections.abc import Callable
from typing import Any

import pytest

from security_hooks.wiring.gemini import extension_text, groups
from security_hooks.wiring.gemini_report import gemini_report
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.report import Report, Role, Settings

LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "0123abcd")
OURS: dict[str, Any] = json.loads(extension_text(LINE))
NAME = "security-hooks-0123abcd"


def report(**files: Any) -> Report:
    found = (
        Settings(Role(role), f"/{role}.json", value if isinstance(value, str) else json.dumps(value))
        for role, value in files.items()
    )
    return gemini_report(tuple(found))


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(json.dumps(OURS))
    group = settings["hooks"]["BeforeTool"][0]
    change(group, group["hooks"][0])
    return settings


@pytest.mark.parametrize("role", ["user", "extension", "managed"])
def test_installed_settings_are_in_force(role: str) -> None:
    found = report(**{role: OURS})
    assert found.hook == groups(LINE)["BeforeTool"]["hooks"][0]  # type: ignore[index] # a list of objects
    assert not found.why_off()
    assert report(user=OURS, extension=OURS).remarks == ()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no settings file holds our hooks"),
        ({"user": ""}, "no settings file holds our hooks"),
        ({"user": OURS, "project": {"hooksConfig": {"enabled": False}}}, "/project.json sets"),
        ({"extension": OURS, "user": {"hooksConfig": {"enabled": "no"}}}, "/user.json sets"),
        ({"user": OURS, "project": {"hooksConfig": {"disabled": [NAME]}}}, "`hooksConfig.disabled`"),
        ({"user": OURS, "project": {"hooks": None}}, "/project.json:1:"),
        ({"extension": OURS, "project": {"hooks": {"Stop": [{"matcher": 1, "hooks": []}]}}}, "`matcher` is no string"),
        (
            {"extension": OURS, "project": changed(lambda _, hook: hook.update(timeout=1))},
            "repeated in a project's file",
        ),
        ({"user": changed(lambda group, _: group.update(matcher="x"))}, "a `matcher`"),
        ({"user": changed(lambda _, hook: hook.update(timeout=1 << 31))}, "a `timeout`"),
        ({"user": changed(lambda _, hook: hook.update(timeout="x"))}, "a `timeout`"),
        ({"user": changed(lambda _, hook: hook.pop("timeout"))}, "a `timeout`"),
        ({"user": changed(lambda _, hook: hook.update(command="/opt/security-hooks-shim gemini-cli"))}, "not wrapped"),
        ({"user": {"hooks": {"AfterTool": OURS["hooks"]["AfterTool"]}}}, "`BeforeTool` is not wired"),
    ],
)
def test_what_takes_our_hook_out_of_force_is_told(files: dict[str, Any], says: str) -> None:
    found = report(**files)
    assert found.hook is None
    assert says in found.why_off()


def test_the_machine_pins_what_a_project_would_switch_off() -> None:
    files = {"managed": {**OURS, "hooksConfig": {"enabled": True}}, "project": {"hooksConfig": {"enabled": False}}}
    assert report(**files).hook is not None


def test_what_is_missing_observing_or_strange_is_a_warning() -> None:
    few = {"hooks": {"BeforeTool": OURS["hooks"]["BeforeTool"]}}
    watching = json.loads(extension_text(HookLine("/security-hooks-shim", None, "1", observe=True)))
    strange = {"hooks": {"BeforeTool": [{"hooks": [{"type": "command", "command": "x"}]}]}}
    for files, says in (
        ({"extension": few}, "not wired: AfterTool"),
        ({"extension": watching}, "--observe"),
        ({"user": OURS}, "our extension is missing"),
        ({"user": OURS, "extension": OURS, "project": strange}, "hooks of its own"),
    ):
        found = report(**files)
        assert found.hook is not None
        assert [remark.state for remark in found.remarks] == ["warning"]
        assert says in found.remarks[0].finding


def test_a_file_that_cannot_be_read_is_told() -> None:
    found = gemini_report((Settings(Role.USER, "/user.json", None, "it is no regular file"),))
    assert "no regular file" in found.why_off()
