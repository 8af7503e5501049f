"""Agents that agents start belong to the session that started them: real process trees of harmless programs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.agents import CLIENTS, PUSH_UNTESTED, Agent, Program, started_with

pytestmark = pytest.mark.slow

OUTER = "0a000000-0000-4000-8000-000000000001"
INNER = "0b000000-0000-4000-8000-000000000002"
STRANGER = "0c000000-0000-4000-8000-000000000003"


@pytest.fixture
def ruled(unstarted: Any) -> Any:
    return started_with(unstarted, PUSH_UNTESTED)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """Starts programs by the names of clients, each in a directory of its own; they are ended afterwards."""
    started: list[Program] = []

    def start(client: str) -> Program:
        place = tmp_path / f"bin{len(started)}"
        place.mkdir()
        started.append(Program(place, client))
        return started[-1]

    yield start
    for program in started:
        program.end()


class Sent:
    """Calls that hooks send, each by a line for a shell that some program starts; what was said is in files."""

    def __init__(self, daemon: Any, place: Path) -> None:
        self.daemon, self.place, self.count = daemon, place, 0

    def line(self, client: str, session: str, moment: str, command: str | None = None) -> str:
        """A line that has the client's hook send a call of a session."""
        self.count += 1
        agent = Agent(self.daemon, client, self.place, session, 1)
        payload = self.place / f"{self.count}.json"
        payload.write_bytes(agent.payload(moment, None if command is None else {"command": command}))
        shim = self.daemon.bin / "security-hooks-shim"
        return f"{shim} {client} --socket {self.daemon.socket} <{payload} >/dev/null 2>&1 || :"

    def last(self) -> str:
        """The verdict of the last decision."""
        return str([record for record in self.daemon.records() if record["kind"] == "decision"][-1]["verdict"])


@pytest.fixture
def sent(ruled: Any, tmp_path: Path) -> Sent:
    place = tmp_path / "project"
    place.mkdir()
    return Sent(ruled, place)


def nested(sent: Sent, outer: Program, inner: Program, client: str, session: str, command: str) -> str:
    """The verdict on a command of an agent that an agent starts by its shell tool."""
    outer.run(f"{inner.path} sh -c '{sent.line(client, session, 'shell', command)}'")
    return sent.last()


@pytest.mark.parametrize(
    ("client", "within"), [(client, within) for client in CLIENTS for within in CLIENTS if client != within]
)
def test_an_agent_that_an_agent_starts_shares_its_memory(
    sent: Sent, programs: Callable[[str], Program], client: str, within: str
) -> None:
    outer, inner, beside = programs(client), programs(within), programs(client)
    outer.run(sent.line(client, OUTER, "starts"))
    beside.run(sent.line(client, STRANGER, "starts"))
    assert nested(sent, outer, inner, within, INNER, "git push") == "deny"
    outer.run(sent.line(client, OUTER, "shell", "pytest"))
    outer.run(sent.line(client, OUTER, "ran", "pytest"))
    assert nested(sent, outer, inner, within, INNER, "git push") == "allow"
    # Another one of the same kind beside it has a memory of its own, and so has what it starts.
    beside.run(sent.line(client, STRANGER, "shell", "git push"))
    assert sent.last() == "deny"
    other = "0d000000-0000-4000-8000-000000000004"
    assert nested(sent, beside, inner, within, other, "git push") == "deny"


def test_what_a_nested_agent_did_counts_for_who_started_it_also_after_a_restart(
    sent: Sent, programs: Callable[[str], Program]
) -> None:
    outer, inner = programs("claude-code"), programs("codex-cli")
    outer.run(sent.line("claude-code", OUTER, "starts"))
    assert nested(sent, outer, inner, "codex-cli", INNER, "pytest") == "allow"
    outer.run(f"{inner.path} sh -c '{sent.line('codex-cli', INNER, 'ran', 'pytest')}'")
    sent.daemon.stop()
    sent.daemon.start()
    outer.run(sent.line("claude-code", OUTER, "shell", "git push"))
    assert sent.last() == "allow"
    # Met for the first time, and found by the process that is known from before.
    late = "0d000000-0000-4000-8000-000000000004"
    assert nested(sent, outer, inner, "codex-cli", late, "git push") == "allow"


def test_a_process_that_left_its_parents_begins_a_memory_of_its_own(
    sent: Sent, programs: Callable[[str], Program]
) -> None:
    outer, inner = programs("claude-code"), programs("codex-cli")
    outer.run(sent.line("claude-code", OUTER, "starts"))
    outer.run(sent.line("claude-code", OUTER, "shell", "pytest"))
    outer.run(sent.line("claude-code", OUTER, "ran", "pytest"))
    before = len(sent.daemon.records())
    outer.run(f"(sleep 0.2; exec setsid {inner.path} sh -c '{sent.line('codex-cli', INNER, 'shell', 'git push')}') &")
    sent.daemon.wait_until(lambda: len(sent.daemon.records()) > before)
    assert sent.last() == "deny"
