from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.service.exchange import MOST_PROGRAMS, Exchange, Summary, summary_of
from security_hooks.service.peer import Peer

TOOL = ToolCall("Bash", ToolKind.SHELL, script="x")
EVENT = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=TOOL)


def call(*programs: str | None, problem: str | None = None) -> CallFacts:
    commands = tuple(Command(0, (), program, "", "", (0, 0)) for program in programs)
    return CallFacts(EVENT, TOOL, Place("/p", "/h"), Script("x", commands, problem=problem))


def test_a_summary_names_each_program_once() -> None:
    assert summary_of(call("rm", None, "ls", "rm")) == Summary(("rm", "?", "ls"))
    assert summary_of(call(problem="unbalanced")) == Summary((), "unbalanced")


def test_a_summary_is_short() -> None:
    summary = summary_of(call(*map(str, range(1000))))
    assert summary is not None
    assert len(summary.programs) == MOST_PROGRAMS


def test_a_call_without_a_script_has_no_summary() -> None:
    assert summary_of(None) is None
    assert summary_of(CallFacts(EVENT, TOOL, Place("/p", "/h"), None)) is None


def test_time_goes_on() -> None:
    assert Exchange(Peer(1, 2)).elapsed_us() >= 0
