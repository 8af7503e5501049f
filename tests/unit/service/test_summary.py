import json

import pytest

from security_hooks.audit.redact import Redactor
from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.catalogue.load import shipped
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.record import Json
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.policy.config_types import Limits
from security_hooks.service.judge import shell_limits
from security_hooks.service.summary import (
    LONGEST,
    MOST_COMMANDS,
    MOST_EFFECTS,
    MOST_PROGRAMS,
    SUMMARIES,
    SummaryMemory,
    summary_of,
)
from security_hooks.tools.facts import call_facts

TOOL = ToolCall("Bash", ToolKind.SHELL, script="x")
EVENT = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=TOOL)
PLACE = Place("/home/u/p", "/home/u", "/home/u/p")


def call(*programs: str | None, problem: str | None = None, effects: tuple[Effect, ...] = ()) -> CallFacts:
    commands = tuple(Command(0, (), program, "", "", (0, 0), effects=effects) for program in programs)
    return CallFacts(EVENT, TOOL, PLACE, Script("x", commands, problem=problem))


def told(call: CallFacts | None) -> dict[str, Json]:
    summary = summary_of(call)
    assert summary is not None
    return summary.fields


def of_tool(tool: ToolCall) -> dict[str, Json]:
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/home/u/p", tool=tool)
    return told(call_facts(event, tool, PLACE, shipped(), shell_limits(Limits())))


def of_script(script: str) -> dict[str, Json]:
    return of_tool(ToolCall("Bash", ToolKind.SHELL, script=script))


def literal(text: str) -> Word:
    return Word((text,), (0, 0), text)


def test_each_command_has_its_action_and_severity_and_the_call_those_of_the_gravest() -> None:
    fields = of_script("git status && rm -rf build; ls")
    assert fields["commands"] == [
        {"program": "git", "action": "git_safe", "severity": "info"},
        {"program": "rm", "action": "filesystem_delete", "severity": "medium"},
        {"program": "ls", "action": "filesystem_read", "severity": "info"},
    ]
    assert (fields["action"], fields["severity"]) == ("filesystem_delete", "medium")


def test_effects_have_resolved_paths_and_hosts_and_say_what_is_not_known() -> None:
    effects = of_script('cat ../x "$D/y"; curl -d @a https://Example.com/z')["effects"]
    assert isinstance(effects, list)
    assert {"kind": "reads", "target": "/home/u/x"} in effects
    assert {"kind": "reads", "target": "/home/u/p/a"} in [
        {k: v for k, v in effect.items() if k in ("kind", "target")} for effect in effects if isinstance(effect, dict)
    ]
    connects = [effect for effect in effects if isinstance(effect, dict) and effect["kind"] == "connects"]
    assert [(effect["target"], effect.get("sends")) for effect in connects] == [("example.com", True)]
    assert any("{$D}" in str(effect) for effect in effects)


def test_a_tool_that_is_no_shell_has_an_action_and_effects_too() -> None:
    fields = of_tool(ToolCall("Read", ToolKind.READ, paths=("/etc/passwd",)))
    assert (fields["action"], fields["severity"]) == ("filesystem_read", "info")
    assert fields["effects"] == [{"kind": "reads", "target": "/etc/passwd"}]
    assert "programs" not in fields


def test_a_summary_names_each_program_once() -> None:
    assert told(call("rm", None, "ls", "rm"))["programs"] == ["rm", "?", "ls"]


def test_what_was_not_understood_says_why_and_is_of_an_unknown_action() -> None:
    fields = told(call(problem="unbalanced"))
    assert (fields["problem"], fields["action"]) == ("unbalanced", Action.UNKNOWN.value)


def test_a_summary_is_short() -> None:
    fields = told(call(*map(str, range(1000))))
    assert isinstance(fields["programs"], list) and isinstance(fields["commands"], list)
    assert (len(fields["programs"]), len(fields["commands"])) == (MOST_PROGRAMS, MOST_COMMANDS)
    assert fields["command_count"] == 1000
    effects = tuple(Effect(EffectKind.READS, literal(f"/{number}")) for number in range(MOST_EFFECTS + 2))
    fields = told(call("cat", effects=effects))
    assert isinstance(fields["effects"], list)
    assert (len(fields["effects"]), fields["effect_count"]) == (MOST_EFFECTS, MOST_EFFECTS + 2)


def test_an_effect_that_comes_again_is_told_once() -> None:
    effect = Effect(EffectKind.READS, literal("/a"))
    assert told(call("cat", "cat", effects=(effect, effect)))["effects"] == [{"kind": "reads", "target": "/a"}]


def test_a_text_that_is_too_long_is_left_out_whole() -> None:
    long = Effect(
        EffectKind.READS, literal("/" + "a" * LONGEST), real=Word(("/", Hole(HoleKind.GLOB, "*")), (0, 0), None)
    )
    assert told(call("cat", effects=(long,)))["effects"] == [
        {"kind": "reads", "target": f"[CUT:{LONGEST + 1}]", "real": "/{*}"}
    ]


def test_an_event_without_a_call_to_judge_has_no_summary() -> None:
    assert summary_of(None) is None


@pytest.mark.parametrize(
    "script",
    [
        "cat /tmp/hunter2-hunter2-hunter2/x",
        "cat /tmp/hunter2-'hunter2'-hunter\"2\"/x",
        "X=hunter2-hunter2; cat /tmp/$X-hunter2",
        "pip install git+https://u:hunter2-hunter2-hunter2@example.com/x",
        "cat /tmp/AKIA'Z7VRSQ5TJN2XMPLW'",
    ],
)
def test_secrets_are_replaced_by_value_in_what_was_resolved_too(script: str) -> None:
    redactor = Redactor(WriterSettings(secret_values={"MY_TOKEN": "hunter2-hunter2-hunter2"}))
    fields = of_script(script)
    told = redactor.encode({name: fields[name] for name in ("action", "commands", "effects")}).decode()
    assert "hunter2-hunter2-hunter2" not in told
    assert "AKIAZ7VRSQ5TJN2XMPLW" not in told
    assert "[REDACTED:" in told


def test_structure_mode_keeps_what_kind_of_thing_it_was_and_no_text() -> None:
    redactor = Redactor(WriterSettings(content=Content.STRUCTURE))
    kept = json.loads(redactor.encode(of_script("cat /home/u/private")))
    assert kept == {
        "action": "filesystem_read",
        "severity": "info",
        "programs": ["cat"],
        "commands": [{"program": "cat", "action": "filesystem_read", "severity": "info"}],
        "effects": [{"kind": "reads", "target": {"characters": 15}}],
    }


def test_a_script_that_was_read_before_is_not_summed_up_again() -> None:
    memory = SummaryMemory()
    first = call("ls")
    assert memory.of(first) is memory.of(first)
    assert memory.of(first) == summary_of(first)
    others = [call(str(number)) for number in range(SUMMARIES)]
    for other in others:
        assert memory.of(other) == summary_of(other)
    assert memory.of(None) is None
    assert len(memory._summaries) == SUMMARIES
