"""The worker process: real, killed, stopped and restarted."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.built import rules_of
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.building import BuildRequest
from security_hooks.service.worker import Worker

SOON = 30.0


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    await made.close()


@pytest.fixture
def request_(tmp_path: Path) -> BuildRequest:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.rules").write_text('block "a"\n  match zzz\n')
    (tmp_path / "config.toml").write_bytes((Path(__file__).parents[3] / "config.toml").read_bytes())
    places = ("", "rules", "system", "config", "state")
    return BuildRequest(0, PolicyDirectories(*(str(tmp_path / place) for place in places)))


async def test_it_builds_and_stays(worker: Worker, request_: BuildRequest) -> None:
    first = await worker.ask(request_)
    assert first.build is not None
    assert "a" in [rule.name for rule in rules_of(first.build)]
    assert first.parsed == 1
    pid = worker.pid
    again = await worker.ask(request_)
    assert (again.build, again.parsed, worker.pid) == (first.build, 0, pid)


async def test_it_keeps_the_last_good_sources(worker: Worker, request_: BuildRequest, tmp_path: Path) -> None:
    await worker.ask(request_)
    # The second answer comes after the first was saved.
    await worker.ask(request_)
    assert (tmp_path / "state/policy/machine.bin").exists()


async def test_what_is_wrong_with_the_sources_is_an_answer(
    worker: Worker, request_: BuildRequest, tmp_path: Path
) -> None:
    (tmp_path / "rules/b.rules").write_text("block\n")
    answer = await worker.ask(request_)
    assert answer.build is None
    assert [problem.file for problem in answer.problems] == ["rules/b.rules"]


async def test_a_worker_killed_before_or_during_a_build_is_replaced(worker: Worker, request_: BuildRequest) -> None:
    await worker.ask(request_)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert (await worker.ask(request_)).build is not None
    second = worker.pid
    assert second not in (None, first)
    assert second is not None
    os.kill(second, signal.SIGSTOP)
    asking = asyncio.ensure_future(worker.ask(request_))
    await asyncio.wait({asking}, timeout=0.1)
    os.kill(second, signal.SIGKILL)
    assert (await asyncio.wait_for(asking, SOON)).build is not None
    assert worker.pid != second


async def test_a_worker_that_hangs_is_killed_and_replaced(request_: BuildRequest) -> None:
    worker = Worker(deadline=3.0)
    await worker.ask(request_)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    try:
        assert (await asyncio.wait_for(worker.ask(request_), SOON)).build is not None
        assert worker.pid != first
    finally:
        await worker.close()


async def test_where_no_worker_answers_the_build_fails_with_a_diagnostic(request_: BuildRequest) -> None:
    worker = Worker(deadline=0.001)
    with pytest.raises(PolicyError) as failed:
        await worker.ask(request_)
    assert [problem.code for problem in failed.value.diagnostics] == ["no-worker"]
    await worker.close()


async def test_a_caller_who_gives_up_harms_nobody_else(worker: Worker, request_: BuildRequest) -> None:
    await worker.ask(request_)
    pid = worker.pid
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.ask(request_), 0)
    answers = await asyncio.gather(*(worker.ask(request_) for _ in range(5)))
    assert all(answer.build is not None for answer in answers)
    assert worker.pid == pid


async def test_the_death_of_an_idle_worker_is_told(worker: Worker, request_: BuildRequest) -> None:
    died = asyncio.Event()
    worker.on_death = died.set
    await worker.ask(request_)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    await asyncio.wait_for(died.wait(), SOON)


async def test_a_worker_that_is_stopped_on_purpose_did_not_die(worker: Worker, request_: BuildRequest) -> None:
    died = asyncio.Event()
    worker.on_death = died.set
    await worker.ask(request_)
    worker.stop()
    assert (await worker.ask(request_)).build is not None
    assert not died.is_set()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
async def test_it_holds_nothing_of_ours_but_its_socket(worker: Worker, request_: BuildRequest, tmp_path: Path) -> None:
    (tmp_path / "held").write_text("x")
    with (tmp_path / "held").open() as held:
        os.set_inheritable(held.fileno(), True)
        await worker.ask(request_)
        folder = Path(f"/proc/{worker.pid}/fd")
        targets = sorted(str(entry.readlink()) for entry in folder.iterdir())
    assert sum(target.startswith("socket:") for target in targets) == 1
    assert not any("held" in target for target in targets)
    assert Path(f"/proc/{worker.pid}/environ").read_bytes() == b""


async def test_close_leaves_no_process(request_: BuildRequest) -> None:
    worker = Worker()
    await worker.ask(request_)
    pid = worker.pid
    assert pid is not None
    await worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
