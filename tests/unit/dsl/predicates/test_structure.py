"""`pipeline_to`, `pipeline_from`, `inside`, `obfuscated`, and how well a script was understood."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.shell import Facts, PipePosition, Script
from security_hooks.model.word import Origin

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("condition", "script", "truths"),
    [
        ('pipeline_to("curl")', "cat x | sort | curl h", [YES, YES, NO]),
        ('pipeline_to("curl", "nc")', "cat x | sudo nc h", [YES, NO]),
        ('pipeline_to("cu*")', "cat x | curl h", [YES, NO]),
        ('pipeline_to("curl")', "cat x; curl h", [NO, NO]),
        ('pipeline_to("curl")', "cat x | sort; ls | curl h", [NO, NO, YES, NO]),
        ('pipeline_to("curl")', "cat x | $X", [UNKNOWN, NO]),
        ('pipeline_to("curl")', "cat x | $X | curl h", [YES, YES, NO]),
        ('pipeline_from("curl")', "curl h | tar x | sh", [NO, YES, YES]),
        ('pipeline_from("curl")', "$X | sh", [NO, UNKNOWN]),
        ('not pipeline_to("curl")', "cat x | $X", [UNKNOWN, YES]),
    ],
)
def test_pipelines(build: SimpleNamespace, condition: str, script: str, truths: list[Truth]) -> None:
    assert [build.ask(condition, facts) for facts in build.facts(script)] == truths


def test_commands_in_one_stage_are_not_before_each_other(build: SimpleNamespace) -> None:
    stages = [(0, "cat"), (0, "curl"), (1, "sh")]
    commands = tuple(
        build.command(text, index, pipes=(PipePosition(3, stage), PipePosition(4, 0)))
        for index, (stage, text) in enumerate(stages)
    )
    call = build.call(Script("x", commands))
    assert [build.ask('pipeline_to("curl")', Facts(call, command)) for command in commands] == [NO, NO, NO]
    assert [build.ask('pipeline_to("sh")', Facts(call, command)) for command in commands] == [YES, YES, NO]


def test_inside(build: SimpleNamespace) -> None:
    (facts,) = build.facts("ls", inside=("function", "loop"))
    assert build.ask('inside("loop")', facts) is YES
    assert build.ask('inside("subshell", "function")', facts) is YES
    assert build.ask('inside("trap")', facts) is NO


@pytest.mark.parametrize(
    ("changes", "truth"),
    [({}, NO), ({"spelled_oddly": True}, YES), ({"origin": Origin.DECODED}, YES), ({"origin": Origin.FILE}, NO)],
)
def test_obfuscated(build: SimpleNamespace, changes: dict[str, object], truth: Truth) -> None:
    assert build.ask("obfuscated()", build.facts("ls", **changes)[0]) is truth


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (Script("", ()), [NO, NO, NO]),
        (Script("", (), unparseable=True), [YES, NO, NO]),
        (Script("", (), over_budget=True), [NO, YES, NO]),
        (Script("", (), dynamic=True), [NO, NO, YES]),
        (None, [NO, NO, NO]),
    ],
)
def test_how_well_a_script_was_understood(build: SimpleNamespace, script: Script | None, expected: list[Truth]) -> None:
    conditions = ["unparseable()", "over_budget()", "unanalysed_code()"]
    for command in (None, build.command("ls")):
        facts = Facts(build.call(script), command)
        assert [build.ask(condition, facts) for condition in conditions] == expected


def test_tools_that_carry_code_we_cannot_read(build: SimpleNamespace) -> None:
    tool = ToolCall("PowerShell", ToolKind.CODE, unanalysed_code=True)
    assert build.ask("unanalysed_code()", Facts(build.call(tool=tool), None)) is YES
