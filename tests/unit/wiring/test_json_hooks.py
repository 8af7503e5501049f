import json

import pytest

from security_hooks.model.record import Json
from security_hooks.wiring.claude_code import FORM as CLAUDE
from security_hooks.wiring.gemini import FORM as GEMINI
from security_hooks.wiring.json_hooks import JsonFormat, handlers, unwired, wired
from security_hooks.wiring.json_text import TextError

OURS: dict[str, Json] = {"type": "command", "command": "/x/security-hooks-shim", "args": ["claude-code"]}
THEIRS: dict[str, Json] = {"type": "command", "command": "/bin/true"}
WANTED: dict[str, dict[str, Json]] = {"PreToolUse": {"hooks": [OURS]}, "Stop": {"hooks": [OURS]}}


def settings(**fields: Json) -> str:
    return json.dumps(fields)


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_no_settings_are_as_good_as_empty_ones(text: str | None) -> None:
    made = wired(text, WANTED, CLAUDE)
    assert json.loads(made) == {"hooks": {event: [group] for event, group in WANTED.items()}}
    assert unwired(made, CLAUDE) is None


def test_a_hook_of_ours_in_somebody_elses_group_leaves_it_alone() -> None:
    text = settings(hooks={"PreToolUse": [{"matcher": "Bash", "hooks": [OURS, THEIRS]}, {"hooks": [OURS]}], "Stop": []})
    left = unwired(text, CLAUDE)
    assert left is not None
    assert json.loads(left) == {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [THEIRS]}], "Stop": []}}


def test_an_event_that_held_nothing_else_goes() -> None:
    text = settings(model="x", hooks={"PreToolUse": [{"hooks": [THEIRS]}], "Stop": [{"hooks": [OURS]}]})
    assert json.loads(unwired(text, CLAUDE) or "") == {"model": "x", "hooks": {"PreToolUse": [{"hooks": [THEIRS]}]}}


def test_settings_without_ours_are_left_as_they_are() -> None:
    for text in ('{ "a":1 }', settings(hooks={"Stop": []}), settings(hooks={})):
        assert unwired(text, CLAUDE) == text


def test_another_order_of_the_same_hooks_is_no_change() -> None:
    text = settings(hooks={"Stop": [{"hooks": [OURS]}], "PreToolUse": [{"hooks": [THEIRS]}, {"hooks": [OURS]}]})
    assert wired(text, WANTED, CLAUDE) == text


def test_ours_twice_becomes_ours_once() -> None:
    text = settings(hooks={"PreToolUse": [{"hooks": [OURS]}, {"hooks": [OURS]}]})
    made = wired(text, WANTED, CLAUDE)
    assert [handler.event for handler in handlers(json.loads(made))] == ["PreToolUse", "Stop"]


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        (CLAUDE, "[]", "no object"),
        (CLAUDE, '{"hooks": []}', "`hooks` is no object"),
        (CLAUDE, '{"hooks": {"Stop": {}}}', "no array"),
        (CLAUDE, '{"hooks": {"Stop": [1]}}', "a group of hooks is no object"),
        (CLAUDE, '{"hooks": {"Stop": [{"matcher": null, "hooks": []}]}}', "`matcher` is no string"),
        (CLAUDE, '{"hooks": {"Stop": [{}]}}', "a group has no `hooks`"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": {}}]}}', "are no array"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": ["x"]}]}}', "a hook is no object"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": [{"type": "shell"}]}]}}', "a `type` that"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": [{"type": "command"}]}]}}', "without a `command`"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "timeout": 0}]}]}}', "over 0"),
        (CLAUDE, '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "timeout": true}]}]}}', "over 0"),
        (
            CLAUDE,
            '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x", "onFailure": "no"}]}]}}',
            "onFailure",
        ),
        (CLAUDE, '{"disableAllHooks": "yes"}', "neither true nor false"),
        (CLAUDE, "{} // comment", "text after"),
        (GEMINI, '{"hooksConfig": []}', "`hooksConfig` is no object"),
        (GEMINI, '{"hooksConfig": {"disabled": "x"}}', "is no array"),
        (GEMINI, '{"hooksConfig": {"disabled": [1]}}', "is no name"),
        (GEMINI, '{"hooks": null}', "`hooks` is no object"),
    ],
)
def test_settings_that_the_client_would_drop_are_refused(form: JsonFormat, text: str, says: str) -> None:
    with pytest.raises(TextError, match=says):
        wired(text, WANTED, form)
