import json
from typing import Any

import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode
from security_hooks.policy.config_types import Limits
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.call_limits import CallLimits
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer

ALLOWED, DENIED = (Decision(verdict, Basis.DEFAULT, would=verdict) for verdict in (Verdict.ALLOW, Verdict.DENY))
ASKED = Decision(Verdict.ASK, Basis.RULE, would=Verdict.ASK)
# Of each client: the events before and after a tool, that of a failure, and how it tells of one.
CLIENTS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "claude-code": ("PreToolUse", "PostToolUse", {"hook_event_name": "PostToolUseFailure", "error": "Exit code 1"}, {}),
    "gemini-cli": (
        "BeforeTool",
        "AfterTool",
        {"tool_response": {"llmContent": "", "returnDisplay": "Command exited with code: 1"}},
        {"tool_response": {"llmContent": "", "returnDisplay": "fine"}},
    ),
}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Play:
    """One session of a client: calls and what became of them, as the path of a call takes them."""

    def __init__(
        self, client: str = "claude-code", session: int = 0, minute: int = 0, mode: Mode = Mode.ENFORCE
    ) -> None:
        self.clock = Clock()
        self.limits = CallLimits(self.clock)
        self.client = client
        limits = Limits(max_tool_calls_per_session=session, tool_calls_per_minute=minute)
        self.snapshot = assemble_at_once(Build("d", Config(mode=mode, limits=limits), ()))
        self.number = 0

    def exchange(self, command: str, event: str, extra: dict[str, Any], session: str = "s") -> Exchange:
        known = client_named(self.client)
        assert known is not None
        payload: dict[str, Any] = {"session_id": session, "hook_event_name": event, "cwd": "/p"}
        payload["tool_name"] = "Bash" if self.client == "claude-code" else "run_shell_command"
        payload["tool_input"] = {"command": command}
        if self.client == "claude-code":
            payload["tool_use_id"] = f"toolu_{self.number}"
        seen = known.decode(json.dumps(payload | extra).encode())
        return Exchange(Peer(1, 1), name=self.client, client=known, event=seen, snapshot=self.snapshot)

    def call(self, command: str, decision: Decision = ALLOWED, session: str = "s", answered: str = "ask") -> Decision:
        self.number += 1
        made = self.exchange(command, CLIENTS[self.client][0], {}, session)
        restricted = self.limits.restrict(made, decision)
        if restricted.verdict is Verdict.ASK:
            made.answered = answered
        self.limits.saw(made, restricted)
        return restricted

    def ends(self, command: str, *, failed: bool) -> None:
        _, after, bad, good = CLIENTS[self.client]
        result = self.exchange(command, after, bad if failed else good)
        assert self.limits.restrict(result, ALLOWED) is ALLOWED
        self.limits.saw(result, ALLOWED)

    def verdicts(self, *commands: str) -> list[str]:
        return [self.call(command).verdict.word for command in commands]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_session_makes_as_many_calls_as_it_may(client: str) -> None:
    play = Play(client, session=3)
    assert play.verdicts("a", "b", "c", "d") == ["allow", "allow", "allow", "deny"]
    (found,) = play.call("e").findings
    assert found.rule == "tool-call-limit"
    assert "has made 3 tool calls, all that `[limits] max_tool_calls_per_session` allows" in found.nudge
    assert "A person can raise it" in found.nudge
    assert play.call("a", session="other").verdict is Verdict.ALLOW


@pytest.mark.parametrize("client", CLIENTS)
def test_a_minute_holds_as_many_calls_as_it_may(client: str) -> None:
    play = Play(client, minute=2)
    assert play.verdicts("a", "b", "c") == ["allow", "allow", "deny"]
    play.clock.now = 20.5
    (found,) = play.call("c").findings
    assert (found.rule, "Wait 40 seconds" in found.nudge) == ("tool-call-rate", True)
    play.clock.now = 60.0
    assert play.verdicts("c") == ["allow"]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_retry_of_a_failed_call_does_not_count(client: str) -> None:
    play = Play(client, session=2)
    assert play.verdicts("make") == ["allow"]
    play.ends("make", failed=True)
    assert play.verdicts("make") == ["allow"]
    play.ends("make", failed=False)
    assert play.verdicts("make", "make") == ["allow", "deny"]


def test_failing_on_purpose_buys_nothing() -> None:
    play = Play(session=2)
    verdicts = []
    for command in ("a", "a", "a", "a", "a", "a", "b"):
        verdicts += play.verdicts(command)
        play.ends(command, failed=True)
    assert verdicts == ["allow"] * 5 + ["deny"] * 2


def test_what_is_denied_does_not_count() -> None:
    play = Play(session=1)
    assert play.call("a", DENIED) is DENIED
    assert play.call("b", ASKED, answered="deny") is ASKED
    assert play.call("c", ASKED) is ASKED
    assert play.call("d", ASKED).verdict is Verdict.DENY
    assert play.call("e", DENIED) is DENIED


def test_in_observe_mode_nothing_is_blocked() -> None:
    play = Play(session=1, mode=Mode.OBSERVE)
    play.call("a")
    passed = play.call("b")
    assert (passed.verdict, passed.would) == (Verdict.ALLOW, Verdict.DENY)


def test_without_a_limit_nothing_is_looked_at() -> None:
    play = Play()
    assert play.verdicts(*"abcdef") == ["allow"] * 6
    play.limits.saw(Exchange(Peer(1, 1)), ALLOWED)
    assert play.limits.restrict(Exchange(Peer(1, 1)), ALLOWED) is ALLOWED


def test_results_and_prompts_are_no_calls() -> None:
    play = Play(session=1)
    for _ in range(3):
        play.ends("a", failed=False)
        permission = play.exchange("a", "PermissionRequest", {})
        assert play.limits.restrict(permission, ALLOWED) is ALLOWED
        play.limits.saw(permission, ALLOWED)
    assert play.verdicts("a") == ["allow"]
