"""What the judging process answers, without the process."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.repositories import new_repository, put

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Verdict
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.failure import Reason
from security_hooks.model.work import Discard, Loss
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.service.isolated_judge import OPENED, IsolatedJudge, answering
from security_hooks.service.judging import (
    Failed,
    FindStakes,
    Found,
    JudgeCall,
    Judged,
    OpenCall,
    Opened,
    Ready,
    Reply,
    UsePolicy,
)

PLACE = Place("/p", "/h", "/p")
EVENT = HookEvent(
    "claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=ToolCall("Bash", ToolKind.SHELL, script="git status")
)
CATALOGUE = shipped()


def judge(*generations: int) -> IsolatedJudge:
    made = IsolatedJudge()
    for generation in generations:
        assert made.answer(UsePolicy(1, generation, Build("d", Config(), ()))) == Ready(1)
    return made


def payload(cwd: str, **tool_input: Any) -> bytes:
    name = "Write" if "content" in tool_input else "Bash"
    call = {"session_id": "s", "cwd": cwd, "hook_event_name": "PreToolUse", "tool_name": name, "tool_use_id": "t"}
    return json.dumps(call | {"tool_input": tool_input}).encode()


def test_an_event_is_judged_by_the_policy_it_came_with() -> None:
    answer = judge(3, 4).answer(JudgeCall(9, 4, 0, PLACE, EVENT))
    assert isinstance(answer, Judged)
    assert (answer.number, answer.decision.verdict, answer.decision.generation) == (9, Verdict.ALLOW, 4)
    assert answer.summary is not None
    assert answer.summary.fields["programs"] == ["git"]


def test_a_call_is_opened_placed_and_then_judged_once(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    made = judge(1)
    opened = made.answer(OpenCall(7, "claude-code", payload(str(tmp_path), command="git status"), "/h"))
    assert isinstance(opened, Opened)
    assert (opened.place, opened.root) == (Place(str(tmp_path), "/h", str(tmp_path)), None)
    tool = opened.event.tool
    assert tool is not None
    assert (tool.script, tool.strings) == ("git status", ())
    answer = made.answer(JudgeCall(8, 1, 0, opened.place, opened=7))
    assert isinstance(answer, Judged)
    assert isinstance(made.answer(JudgeCall(9, 1, 0, opened.place, opened=7)), Failed)


def test_a_project_with_rules_is_told(tmp_path: Path) -> None:
    (tmp_path / ".security-hooks").mkdir()
    opened = judge().answer(OpenCall(7, "claude-code", payload(str(tmp_path), command="ls"), "/h"))
    assert isinstance(opened, Opened)
    assert opened.root == str(tmp_path)


def test_the_record_of_a_tool_that_is_no_shell_has_its_input() -> None:
    opened = judge().answer(OpenCall(7, "claude-code", payload("/p", file_path="/p/x", content="text"), "/h"))
    assert isinstance(opened, Opened)
    tool = opened.event.tool
    assert tool is not None
    assert tool.content == ()
    assert "text" in [string.value for string in tool.strings]


def test_the_output_of_a_call_comes_back_for_memory() -> None:
    told = json.loads(payload("/p", command="cat big")) | {
        "hook_event_name": "PostToolUse",
        "tool_response": "x" * 70_000,
    }
    opened = judge().answer(OpenCall(7, "claude-code", json.dumps(told).encode(), "/h"))
    assert isinstance(opened, Opened)
    assert opened.event.output.texts == ("x" * 70_000,)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (OpenCall(5, "claude-code", b"{", "/h"), Reason.BAD_PAYLOAD),
        (OpenCall(5, "emacs", b"{}", "/h"), Reason.UNKNOWN_CLIENT),
        (JudgeCall(5, 99, 0, PLACE, EVENT), Reason.INTERNAL),
        (JudgeCall(5, 1, 0, PLACE, opened=3), Reason.INTERNAL),
    ],
    ids=["bad payload", "unknown client", "unknown policy", "call that was not opened"],
)
def test_what_goes_wrong_is_an_answer(question: OpenCall | JudgeCall, reason: Reason) -> None:
    answer = judge(1).answer(question)
    assert isinstance(answer, Failed)
    assert (answer.number, answer.failure.reason) == (5, reason)


def test_policies_and_calls_are_forgotten() -> None:
    made = judge(1, 2)
    made.answer(UsePolicy(1, 3, Build("d", Config(), ()), forget=(1,)))
    assert isinstance(made.answer(JudgeCall(5, 1, 0, PLACE, EVENT)), Failed)
    assert isinstance(made.answer(JudgeCall(5, 2, 0, PLACE, EVENT)), Judged)
    for number in range(OPENED + 1):
        made.answer(OpenCall(number, "claude-code", payload("/p", command="ls"), "/h"))
    assert isinstance(made.answer(JudgeCall(99, 2, 0, PLACE, opened=0)), Failed)
    assert isinstance(made.answer(JudgeCall(99, 2, 0, PLACE, opened=1)), Judged)


def test_questions_and_answers_are_plain_bytes() -> None:
    answer = answering()
    policy = UsePolicy(1, 3, Build("d", Config(), ()))
    assert [msgspec.msgpack.decode(data, type=Reply) for data in answer(msgspec.msgpack.encode(policy))] == [Ready(1)]
    (data,) = answer(msgspec.msgpack.encode(JudgeCall(2, 3, 0, PLACE, EVENT)))
    assert isinstance(msgspec.msgpack.decode(data, type=Reply), Judged)


def test_stakes_are_found_without_a_policy(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "p", {"a": "a"})
    put(repository, {"build/x": "x", "y": "y", "a": "changed"})
    everything = Discard(Loss.FILES, (str(repository),), 0, is_deep=True)
    wanted = (everything, Discard(Loss.UNTRACKED, (str(repository),), 1, is_deep=True))
    answer = judge().answer(FindStakes(5, wanted, "/h", ("build",), 5.0))
    assert isinstance(answer, Found)
    names = [{Path(stake.path).name for stake in found.stakes} for found in answer.stakes]
    # What is made again is left out only where nobody is spared a question by it.
    assert (answer.number, names) == (5, [{"a", "y"}, {"x", "y"}])
    late = judge().answer(FindStakes(6, (everything,) * 2, "/h", (), -1.0))
    assert isinstance(late, Found)
    assert len(late.stakes) == 2
