"""A change holds at once only where the machine's settings hold our hooks whatever it says."""

import json
from typing import Any

import pytest

from security_hooks.wiring.claude_change import may_hold_at_once
from security_hooks.wiring.claude_code import groups, managed_text
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.report import Role, Settings

LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "0123abcd")
MANAGED = managed_text(LINE, None)
OURS = {"hooks": {event: [group] for event, group in groups(LINE, None).items()}}
THEIRS = {"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "/bin/true"}]}]}}
CHANGED = "/home/dev/.claude/settings.json"


def may(*, changed: str | None = CHANGED, **files: Any) -> bool:
    found = (
        Settings(Role(role), f"/{role}.json", value if isinstance(value, str) else json.dumps(value))
        for role, value in files.items()
    )
    return may_hold_at_once(changed, tuple(found))


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"user": {"theme": "dark"}},
        # The client takes it for a file that it drops: all the same.
        {"user": {"cleanupPeriodDays": "soon"}},
        {"user": OURS},
        {"user": {"env": {"EDITOR": "vi"}}},
        {"project": {"permissions": {"allow": ["Bash(ls)"]}}, "local": {"model": "opus"}},
    ],
)
def test_ordinary_changes_hold_at_once_beside_managed_hooks(files: dict[str, Any]) -> None:
    assert may(managed=MANAGED, **files)
    assert may(managed=MANAGED, changed="/w/.claude/settings.local.json", **files)


@pytest.mark.parametrize(
    "files",
    [
        {"user": THEIRS},
        {"user": {"enabledPlugins": {"x@y": True}}},
        {"user": "{"},
        {"project": THEIRS},
        {"project": OURS},
        {"project": {"disableAllHooks": True}},
        {"project": {"env": {"PATH": "."}}},
        {"local": {"apiKeyHelper": "./x"}},
        {"local": {"a key of a later version": 1}},
        {"local": "[]"},
    ],
)
def test_what_runs_programs_of_others_or_cannot_be_read_waits(files: dict[str, Any]) -> None:
    assert not may(managed=MANAGED, **files)


@pytest.mark.parametrize(
    "managed",
    [
        "{}",
        "{",
        json.dumps(OURS),
        json.dumps({**json.loads(MANAGED), "disableAllHooks": True}),
        managed_text(HookLine("/security-hooks-shim", None, "1", observe=True), None),
        MANAGED.replace("ConfigChange", "Stop"),
        MANAGED.replace('"onFailure": "block"', '"onFailure": "continue"'),
    ],
    ids=["none", "broken", "not pinned", "off", "observing", "not all", "open"],
)
def test_managed_hooks_that_could_be_lost_hold_nothing(managed: str) -> None:
    assert not may(managed=managed, user={"theme": "dark"})


def test_without_managed_hooks_every_change_waits() -> None:
    assert not may(user=OURS)
    assert not may()


@pytest.mark.parametrize("changed", [None, "/home/dev/.claude/skills/x/SKILL.md", "/etc/claude-code/x.json"])
def test_what_is_no_settings_file_of_a_person_or_project_waits(changed: str | None) -> None:
    assert not may(changed=changed, managed=MANAGED)


def test_a_file_that_cannot_be_read_waits() -> None:
    files = (Settings(Role.MANAGED, "/m", MANAGED), Settings(Role.PROJECT, "/p", None, "it is no regular file"))
    assert not may_hold_at_once(CHANGED, files)
