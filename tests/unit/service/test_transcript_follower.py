import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from security_hooks.service.changes import Changes, Directories, Report
from security_hooks.service.transcript_follower import Follower
from security_hooks.service.transcript_messages import Finished, Followed, Standing

PATIENCE = 20.0
AGENT = "01a1fe1a-ce57-7521-9563-3eec8a27b644"


def use(call_id: str) -> bytes:
    return line({"type": "function_call", "name": "exec_command", "arguments": "{}", "call_id": call_id}) + line(
        {"type": "function_call_output", "call_id": call_id, "output": "Exit code: 0"}
    )


def line(payload: dict[str, Any], at: str = "2026-01-01T00:00:00.000Z") -> bytes:
    return json.dumps({"timestamp": at, "payload": payload}).encode() + b"\n"


def append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)


@pytest.fixture
async def follower() -> AsyncIterator[Follower]:
    made = Follower()
    running = asyncio.ensure_future(made.run())
    yield made
    running.cancel()


def followed(path: Path, directory: Path, since: float = 0.0, client: str = "codex-cli") -> Followed:
    return Followed(client, "s", str(path), str(directory), since)


async def told(follower: Follower) -> tuple[list[Finished], list[Standing]]:
    async with asyncio.timeout(PATIENCE):
        await follower.news.wait()
    finished, standings = follower.told()
    return list(finished), list(standings)


async def ids(follower: Follower, count: int) -> set[str | None]:
    found: set[str | None] = set()
    while len(found) < count:
        found |= {item.use.call_id for item in (await told(follower))[0]}
    return found


async def test_what_is_there_and_what_comes_is_told(follower: Follower, tmp_path: Path) -> None:
    path = tmp_path / "sessions/a.jsonl"
    append(path, use("1"))
    follower.follow(followed(path, tmp_path))
    finished, standings = await told(follower)
    assert [(item.use.call_id, item.ran, item.path) for item in finished] == [("1", True, str(path))]
    assert standings == [Standing("codex-cli", "s", str(path))]
    append(path, use("2"))
    assert await ids(follower, 1) == {"2"}


async def test_what_was_before_does_not_matter(follower: Follower, tmp_path: Path) -> None:
    path = tmp_path / "sessions/a.jsonl"
    old = line({"type": "function_call", "name": "x", "call_id": "0"}, "2020-01-01T00:00:00.000Z")
    append(path, old + line({"type": "function_call_output", "call_id": "0", "output": "{}"}) + use("1"))
    follower.follow(followed(path, tmp_path, since=1_700_000_000.0))
    assert await ids(follower, 1) == {"1"}


async def test_an_agent_is_found_by_its_name_also_without_a_hook_event(follower: Follower, tmp_path: Path) -> None:
    path = tmp_path / "sessions/2026/01/01/rollout-a.jsonl"
    append(path, use("1"))
    follower.follow(followed(path, tmp_path))
    await ids(follower, 1)
    append(path.with_name(f"rollout-x-{AGENT}.jsonl"), use("2"))
    append(path.with_name("rollout-x-of-somebody-else.jsonl"), use("3"))
    item = {"type": "CollabAgentToolCall", "id": "9", "receiver_agents": [{"thread_id": AGENT}]}
    append(path, line({"type": "item_completed", "item": item}))
    assert await ids(follower, 1) == {"2"}


async def test_agents_in_a_directory_made_later_are_found(follower: Follower, tmp_path: Path) -> None:
    path = tmp_path / "projects/p/s.jsonl"
    append(path, b"")
    follower.follow(followed(path, tmp_path, client="claude-code"))
    await told(follower)
    at = "2026-01-01T00:00:00.000Z"
    block = {"type": "tool_use", "id": "1", "name": "Bash"}
    end = {"type": "tool_result", "tool_use_id": "1"}
    lines = [
        {"type": "assistant", "timestamp": at, "message": {"content": [block]}},
        {"type": "user", "message": {"content": [end]}},
    ]
    append(
        tmp_path / "projects/p/s/subagents/agent-a.jsonl", b"".join(json.dumps(item).encode() + b"\n" for item in lines)
    )
    assert await ids(follower, 1) == {"1"}


async def test_what_cannot_be_read_is_told_with_its_reason(follower: Follower, tmp_path: Path) -> None:
    path = tmp_path / "sessions/a.jsonl"
    append(path, b'{"type":"x_call" \nnothing of ours\n{"x_call": 1}\n')
    follower.follow(followed(path, tmp_path))
    follower.follow(followed(tmp_path / "sessions/none.jsonl", tmp_path))
    problems: dict[str, tuple[str, int]] = {}
    while len(problems) < 2:
        _, standings = await told(follower)
        problems |= {Path(item.path).name: (item.problem, item.unread) for item in standings}
    assert problems == {"a.jsonl": ("", 1), "none.jsonl": ("it is not there", 0)}


async def test_nothing_is_told_of_a_session_that_was_left(follower: Follower, tmp_path: Path) -> None:
    path, other = tmp_path / "sessions/a.jsonl", tmp_path / "sessions/b.jsonl"
    append(path, use("1"))
    follower.follow(followed(path, tmp_path))
    await ids(follower, 1)
    follower.leave("codex-cli", "s")
    append(path, use("2"))
    append(other, use("3"))
    follower.follow(followed(other, tmp_path))
    assert await ids(follower, 1) == {"3"}


async def test_without_news_from_the_system_it_looks_by_itself(tmp_path: Path) -> None:
    def refuse(directories: Directories, report: Report) -> Changes:
        raise OSError("no watches are left")

    made = Follower(refuse)
    running = asyncio.ensure_future(made.run())
    path = tmp_path / "sessions/a.jsonl"
    append(path, use("1"))
    made.follow(followed(path, tmp_path))
    assert await ids(made, 1) == {"1"}
    append(path, use("2"))
    assert await ids(made, 1) == {"2"}
    running.cancel()
