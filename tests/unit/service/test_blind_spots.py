"""Sessions of scripted calls: what hooks told on the one side, what a transcript shows on the other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, ToolCall, ToolKind
from security_hooks.model.transcript import ToolUse, content_of
from security_hooks.service.blind_spots import MOST_ALARMS, MOST_SESSIONS, BlindSpots, kept_in
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.transcript_messages import Finished, Seen, Standing
from security_hooks.service.transcript_process import TranscriptProcess

ALLOW, DENY, ASK = (Decision(verdict, Basis.DEFAULT) for verdict in (Verdict.ALLOW, Verdict.DENY, Verdict.ASK))
KEPT = {"claude-code": ("/h/.claude",), "codex-cli": ("/h/.codex",), "gemini-cli": ("/h/.gemini",)}
PATHS = {
    "claude-code": "/h/.claude/projects/p/s.jsonl",
    "codex-cli": "/h/.codex/sessions/rollout.jsonl",
    "gemini-cli": "/h/.gemini/tmp/p/chats/session-s.jsonl",
}
CLIENTS = tuple(PATHS)


class Fixture:
    """A meter whose reading process is never started: the test says what a transcript shows."""

    def __init__(self) -> None:
        self.alarms: list[dict[str, Any]] = []
        self.tainted: list[tuple[str, str]] = []
        self.process = TranscriptProcess()
        self.meter = BlindSpots(
            self.process, KEPT, self.alarms.append, lambda *session: self.tainted.append(session), grace_seconds=0.0
        )
        self.meter.use(enabled=True)

    def answer(
        self,
        client: str,
        call_id: str,
        decision: Decision = ALLOW,
        kind: EventKind = EventKind.PRE_TOOL,
        *,
        session: str = "s",
        answered: str | None = None,
        **event: Any,
    ) -> None:
        """A hook event of a call of the client's shell tool, answered."""
        tool = ToolCall("Bash", ToolKind.SHELL, None if client == "gemini-cli" else call_id, script=f"touch {call_id}")
        told: dict[str, Any] = {"tool": tool, "transcript": PATHS[client]} | event
        made = HookEvent(client, kind, "e", session, **told)
        self.meter.note(Exchange(Peer(0, 1), event=made, answered=answered), decision)

    async def show(self, client: str, *calls: tuple[str, bool], session: str = "s", **use: Any) -> None:
        """Results of calls that the transcript shows, each with whether it ran."""
        await self.meter.compare(
            Seen(
                1,
                tuple(
                    Finished(client, session, PATHS[client], made, ran)
                    for call_id, ran in calls
                    for made in [ToolUse(call_id, "Bash", **_known(client, call_id), at=float("inf"), **use)]
                ),
                (Standing(client, session, PATHS[client]),),
            )
        )


def _known(client: str, call_id: str) -> dict[str, Any]:
    content = content_of("Bash", [("/command", f"touch {call_id}")])
    return {"call_id": None if client == "gemini-cli" else call_id, "content": content}


@pytest.fixture
async def made() -> AsyncIterator[Fixture]:
    fixture = Fixture()
    yield fixture
    await fixture.process.close()


def sessions(fixture: Fixture) -> list[dict[str, Any]]:
    told: Any = fixture.meter.report()["sessions"]
    return list(told)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_session_of_calls_that_were_all_judged_is_quiet(made: Fixture, client: str) -> None:
    made.answer(client, "", kind=EventKind.SESSION_START, tool=None)
    for call_id, decision in (("1", ALLOW), ("2", DENY), ("3", ASK), ("1", ALLOW)):
        made.answer(client, call_id, decision)
    # Of what was never asked about, a refusal is the client's own: unknown tools, input that does not fit.
    await made.show(client, ("1", True), ("2", False), ("3", True), ("unknown", False))
    assert (made.alarms, made.meter.news(), made.tainted) == ([], "", [])
    (row,) = sessions(made)
    assert (row["answered"], row["seen"], row["unseen"], row["unmeasured"]) == (4, 2, 0, "")


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_use_that_ran_unseen_raises_an_alarm_taints_its_session_and_is_told_once(
    made: Fixture, client: str
) -> None:
    made.answer(client, "1")
    await made.show(client, ("1", True))
    assert not made.alarms
    await made.show(client, ("2", True))
    (alarm,) = made.alarms
    assert alarm == {
        "anomaly": "unseen-tool-use",
        "severity": "high",
        "client": client,
        "session": "s",
        "tool": "Bash",
        "call_id": None if client == "gemini-cli" else "2",
        "transcript": PATHS[client],
        "alarm": f"Bash of {client} ran, and no hook event came before it (session s)",
    }
    assert made.tainted == [(client, "s")]
    assert "ran, and no hook event came before it" in made.meter.news()
    assert made.meter.news() == ""


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_call_that_was_judged_once_covers_no_second_run_of_it(made: Fixture, client: str) -> None:
    made.answer(client, "1")
    made.answer(client, "2", DENY)
    await made.show(client, ("1", True), ("2", False))
    seen = [("1", True), ("2", True)]
    use = [ToolUse(f"again-{call_id}", "Bash", **_known(client, call_id), at=float("inf")) for call_id, _ in seen]
    await made.meter.compare(Seen(2, tuple(Finished(client, "s", PATHS[client], item, True) for item in use)))
    assert [alarm["anomaly"] for alarm in made.alarms] == ["unseen-tool-use"] * 2


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("decision", "answered"), [(DENY, None), (ASK, "deny")])
async def test_a_use_that_ran_though_it_was_denied_raises_an_alarm(
    made: Fixture, client: str, decision: Decision, answered: str | None
) -> None:
    made.answer(client, "1", decision, answered=answered)
    await made.show(client, ("1", True))
    assert [alarm["anomaly"] for alarm in made.alarms] == ["denied-tool-use"]
    assert "although it was denied" in made.meter.news()
    assert made.tainted == [(client, "s")]


async def test_what_is_heard_during_the_grace_counts(made: Fixture) -> None:
    made.answer("codex-cli", "1")
    showing = asyncio.ensure_future(made.show("codex-cli", ("2", True)))
    await asyncio.sleep(0)
    made.answer("codex-cli", "2")
    await showing
    assert made.alarms == []


async def test_a_use_that_no_hook_tells_of_is_counted_alone(made: Fixture) -> None:
    made.answer("codex-cli", "1")
    await made.show("codex-cli", ("typed", True), is_hooked=False)
    assert made.alarms == []
    assert sessions(made)[0]["unhooked"] == 1


async def test_a_use_told_of_again_counts_once(made: Fixture) -> None:
    made.answer("codex-cli", "1")
    for _ in range(2):
        await made.show("codex-cli", ("1", True), ("2", True))
    assert len(made.alarms) == 1


async def test_a_session_that_goes_on_unseen_fills_neither_log_nor_memory(made: Fixture) -> None:
    made.answer("codex-cli", "1")
    await made.show("codex-cli", *((f"u{number}", True) for number in range(MOST_ALARMS + 5)))
    assert len(made.alarms) == MOST_ALARMS
    assert sessions(made)[0]["unseen"] == MOST_ALARMS + 5
    for number in range(MOST_SESSIONS + 5):
        made.answer("codex-cli", "1", session=str(number))
    await made.show("codex-cli")
    await made.show("codex-cli", ("x", True), session="0")
    assert len(made.alarms) == MOST_ALARMS


@pytest.mark.parametrize(
    ("transcript", "is_unseen", "why"),
    [
        (None, False, "names no transcript"),
        ("/tmp/elsewhere.jsonl", False, "none below /h/.codex"),
        ("/h/.codex/sessions/../../.ssh/id.jsonl", False, "none below /h/.codex"),
        (PATHS["codex-cli"], True, "in a container"),
    ],
)
async def test_a_transcript_that_is_not_followed_is_not_taken_for_a_quiet_one(
    made: Fixture, transcript: str | None, is_unseen: bool, why: str
) -> None:
    tool = ToolCall("Bash", ToolKind.SHELL, "1", script="ls")
    event = HookEvent("codex-cli", EventKind.PRE_TOOL, "e", "s", tool=tool, transcript=transcript)
    made.meter.note(Exchange(Peer(0, 1), event=event, is_unseen=is_unseen), ALLOW)
    await made.meter.compare(Seen(1))
    (row,) = sessions(made)
    assert why in row["unmeasured"]
    assert made.process.report()["pid"] is None


async def test_a_transcript_that_is_named_later_is_followed_from_then_on(made: Fixture) -> None:
    made.answer("codex-cli", "1", transcript=None)
    made.answer("codex-cli", "2")
    await made.show("codex-cli", ("2", True))
    assert (made.alarms, sessions(made)[0]["unmeasured"]) == ([], "")


async def test_switched_off_it_keeps_nothing(made: Fixture) -> None:
    made.answer("codex-cli", "1")
    made.meter.use(enabled=False)
    made.answer("codex-cli", "2")
    await made.show("codex-cli", ("3", True))
    assert made.alarms == []
    assert (made.meter.report()["watch"], sessions(made)) == (False, [])


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_tells_its_transcript(client: str) -> None:
    known = client_named(client)
    assert known is not None
    name = "BeforeAgent" if client == "gemini-cli" else "UserPromptSubmit"
    payload = b'{"session_id":"s","hook_event_name":"%s","prompt":"x","transcript_path":%s}'
    assert known.decode(payload % (name.encode(), b'"/t.jsonl"')).transcript == "/t.jsonl"
    for other in (b"null", b"5", b"[]"):
        assert known.decode(payload % (name.encode(), other)).transcript is None


def test_a_client_keeps_its_own_where_its_variables_say(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    kept = kept_in(Path("/h"), {"CODEX_HOME": str(tmp_path / "link"), "CLAUDE_CONFIG_DIR": "relative"})
    assert kept == {
        "claude-code": ("/h/.claude",),
        "codex-cli": (str(tmp_path / "link"), str(tmp_path / "real")),
        "gemini-cli": ("/h/.gemini",),
    }
