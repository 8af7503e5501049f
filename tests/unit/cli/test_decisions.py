import os
from collections.abc import Iterator

import pytest

from security_hooks.cli.decisions import WAITING, Decisions, line_of
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, ToolCall, ToolKind
from security_hooks.model.failure import Failure, Reason
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer

ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)


def exchange(script: str | None, name: str = "claude-code") -> Exchange:
    tool = None if script is None else ToolCall("Bash", ToolKind.SHELL, script=script)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    return Exchange(Peer(1, 1), name=name, event=event)


def words(exchange: Exchange, decision: Decision = ALLOWED) -> list[str]:
    line = line_of(exchange, decision, in_colour=False)
    verdict, _, _, *rest = line.split()
    return [verdict, *rest]


def test_a_line_tells_verdict_client_rules_and_call() -> None:
    finding = Finding("r", Tier.BLOCK, True, Verdict.DENY, "n", "e", 0, "f", 1, Severity.HIGH)
    denied = Decision(Verdict.DENY, Basis.RULE, (finding, finding))
    assert words(exchange("rm  x"), denied) == ["deny", "claude-code", "r", "Bash:", "rm", "x"]
    assert words(exchange("ls")) == ["allow", "claude-code", "default", "Bash:", "ls"]
    assert words(exchange(None)) == ["allow", "claude-code", "default", "PreToolUse"]


def test_a_failure_is_named() -> None:
    failed = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.BAD_PAYLOAD))
    assert words(Exchange(Peer(1, 1), name="codex-cli"), failed) == ["deny", "codex-cli", "bad_payload"]


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202e", "caf\u00e9", "a\rb", "\ud800"])
def test_nothing_reaches_the_terminal_that_it_would_obey(text: str) -> None:
    for line in (
        line_of(exchange(text), ALLOWED, in_colour=False),
        line_of(exchange("ls", name=f"x{text}"), ALLOWED, in_colour=False),
    ):
        assert line.isascii()
        assert line.isprintable()


def test_colour_is_only_around_the_verdict() -> None:
    assert line_of(exchange("ls"), ALLOWED, in_colour=True).startswith("\033[32mallow\033[0m ")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_every_line_is_out_when_it_is_closed(pipe: tuple[int, int]) -> None:
    decisions = Decisions(pipe[1])
    for _ in range(3):
        decisions.show(exchange("ls"), ALLOWED)
    decisions.close()
    os.close(pipe[1])
    assert os.read(pipe[0], 65_536).count(b"\n") == 3


def test_a_reader_who_does_not_read_holds_nobody(pipe: tuple[int, int]) -> None:
    decisions = Decisions(pipe[1])
    for _ in range(4 * WAITING):
        decisions.show(exchange("ls " + "x" * 200), ALLOWED)
    # Lets the thread go, which is stuck in its write.
    os.close(pipe[0])
    decisions.close()


def test_a_reader_who_has_left_holds_nobody(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    decisions = Decisions(pipe[1])
    for _ in range(2 * WAITING):
        decisions.show(exchange("ls"), ALLOWED)
    decisions.close()
