"""The judging process: real, killed, stopped, talking nonsense; whoever waits is told in time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.failure import CallError, Reason
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.service.isolation import MOST_POLICIES, Isolation, Policy
from security_hooks.service.judging import Judged, Ready, Reply
from security_hooks.service.link import Link
from security_hooks.service.worker_process import WorkerProcess

PLACE = Place("/p", "/h", "/p")
EVENT = HookEvent(
    "claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=ToolCall("Bash", ToolKind.SHELL, script="git status")
)
SOON = 30.0


def policy(generation: int = 1) -> Policy:
    return Policy(generation, Build("d", Config(), ()))


@pytest.fixture
async def isolation() -> AsyncIterator[Isolation]:
    made = Isolation()
    yield made
    await made.close()


def later(seconds: float = SOON) -> float:
    return asyncio.get_running_loop().time() + seconds


async def ask(isolation: Isolation, generation: int = 1, seconds: float = SOON) -> Judged:
    return await isolation.judge(policy(generation), PLACE, 0, later(seconds), event=EVENT)


async def why(isolation: Isolation, seconds: float = SOON) -> Reason:
    with pytest.raises(CallError) as failed:
        await ask(isolation, seconds=seconds)
    return failed.value.failure.reason


def pid_of(isolation: Isolation) -> int:
    assert isolation.pid is not None
    return isolation.pid


async def test_it_starts_at_the_first_need_and_stays(isolation: Isolation) -> None:
    assert isolation.pid is None
    judged = await ask(isolation)
    assert judged.decision.generation == 1
    pid = isolation.pid
    assert (await ask(isolation, 2)).decision.generation == 2
    assert isolation.pid == pid
    assert isolation.report() == {"pid": pid, "restarts": 0, "timeouts": 0, "waiting": 0}


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="needs /proc")
async def test_it_knows_no_variable_and_may_take_only_so_much_memory(isolation: Isolation) -> None:
    await ask(isolation)
    process = Path(f"/proc/{pid_of(isolation)}")
    (memory,) = (line for line in (process / "limits").read_text().splitlines() if line.startswith("Max data size"))
    assert int(memory.split()[3]) <= 2 << 30
    assert (process / "environ").read_bytes() == b""
    assert sum(str(entry.readlink()).startswith("socket:") for entry in (process / "fd").iterdir()) == 1


async def test_a_call_is_opened_there(isolation: Isolation) -> None:
    with pytest.raises(CallError) as failed:
        await isolation.open_call("claude-code", b"{", "/h", later())
    assert failed.value.failure.reason is Reason.BAD_PAYLOAD


async def test_a_process_that_hangs_is_killed_at_the_deadline(isolation: Isolation) -> None:
    await ask(isolation)
    first = pid_of(isolation)
    os.kill(first, signal.SIGSTOP)
    assert await why(isolation, 0.05) is Reason.ANALYSIS_TIMEOUT
    assert (await ask(isolation)).decision.generation == 1
    assert pid_of(isolation) != first
    assert (isolation.report()["restarts"], isolation.report()["timeouts"]) == (1, 1)


async def test_a_process_that_dies_over_a_call_is_a_failure_and_is_replaced(isolation: Isolation) -> None:
    await ask(isolation)
    first = pid_of(isolation)
    os.kill(first, signal.SIGSTOP)
    asking = asyncio.ensure_future(why(isolation))
    await asyncio.wait({asking}, timeout=0.05)
    os.kill(first, signal.SIGKILL)
    assert await asking is Reason.ANALYSIS_FAILED
    assert (await ask(isolation)).decision.generation == 1


async def test_nonsense_is_a_failure_and_ends_the_process(isolation: Isolation) -> None:
    def decode(body: bytes) -> Reply:
        raise msgspec.DecodeError

    await ask(isolation)
    first = pid_of(isolation)
    link = isolation._process._link
    assert isinstance(link, Link)
    link._decode = decode
    assert await why(isolation) is Reason.ANALYSIS_FAILED
    assert isolation.pid != first
    assert (await ask(isolation)).decision.generation == 1


async def test_an_answer_to_another_question_is_a_failure(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ready(process: object, number: int, body: bytes) -> Reply:
        return Ready(number)

    monkeypatch.setattr(WorkerProcess, "ask", ready)
    assert await why(isolation) is Reason.ANALYSIS_FAILED
    with pytest.raises(CallError):
        await isolation.open_call("claude-code", b"{}", "/h", later())


async def test_a_process_that_cannot_be_started_is_a_failure(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("security_hooks.service.worker_process._start", refused)
    assert await why(isolation) is Reason.ANALYSIS_FAILED


async def test_calls_take_turns_and_too_many_are_refused_at_once() -> None:
    isolation = Isolation(most_waiting=3)
    try:
        await ask(isolation)
        os.kill(pid_of(isolation), signal.SIGSTOP)
        waiting = [asyncio.ensure_future(ask(isolation)) for _ in range(3)]
        await asyncio.wait(waiting, timeout=0.02)
        assert isolation.report()["waiting"] == 3
        assert await why(isolation) is Reason.ANALYSIS_BUSY
        os.kill(pid_of(isolation), signal.SIGCONT)
        assert all(judged.decision.generation == 1 for judged in await asyncio.gather(*waiting))
        assert isolation.report()["waiting"] == 0
    finally:
        await isolation.close()


async def test_who_waits_behind_another_is_late_without_killing_its_process(isolation: Isolation) -> None:
    await ask(isolation)
    first = pid_of(isolation)
    os.kill(first, signal.SIGSTOP)
    patient = asyncio.ensure_future(ask(isolation))
    await asyncio.wait({patient}, timeout=0.02)
    assert await why(isolation, 0.02) is Reason.ANALYSIS_TIMEOUT
    os.kill(first, signal.SIGCONT)
    assert (await patient).decision.generation == 1
    assert isolation.pid == first


async def test_the_very_first_process_is_waited_for(isolation: Isolation) -> None:
    assert (await ask(isolation, seconds=0)).decision.generation == 1
    assert await why(isolation, 0) is Reason.ANALYSIS_TIMEOUT


async def test_who_cannot_wait_for_the_start_leaves_it_to_the_next(isolation: Isolation) -> None:
    isolation._first_seconds = 0.0
    assert await why(isolation, 0.001) is Reason.ANALYSIS_TIMEOUT
    assert await why(isolation, 0.001) is Reason.ANALYSIS_TIMEOUT
    first = isolation.pid
    assert (await ask(isolation)).decision.generation == 1
    assert isolation.pid == first


async def test_one_is_kept_warm_and_another_when_it_dies(isolation: Isolation) -> None:
    running = asyncio.ensure_future(isolation.run())
    isolation.use(policy())
    async with asyncio.timeout(SOON):
        while not isolation._known.get(1, running).done():
            await asyncio.sleep(0.01)
        first = pid_of(isolation)
        os.kill(first, signal.SIGKILL)
        while isolation.pid == first or not isolation._known.get(1, running).done():
            await asyncio.sleep(0.01)
    assert (await ask(isolation)).decision.generation == 1
    running.cancel()


async def test_a_process_that_does_not_start_is_not_tried_for_ever(
    isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def refused(process: object) -> None:
        tries.append(1)
        raise OSError

    monkeypatch.setattr(WorkerProcess, "start", refused)
    running = asyncio.ensure_future(isolation.run())
    isolation.use(policy())
    await asyncio.wait({running}, timeout=0.05)
    assert not running.done()
    assert 1 <= len(tries) <= 2
    running.cancel()


async def test_old_policies_are_forgotten(isolation: Isolation) -> None:
    for generation in range(1, MOST_POLICIES + 5):
        await ask(isolation, generation)
    assert len(isolation._known) == MOST_POLICIES
    assert (await ask(isolation, 1)).decision.generation == 1
