"""Policy that changes while calls are decided: real worker process, real disk, both event loops."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from security_hooks.model.decision import Verdict
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.reload import PolicyStore, Reload
from security_hooks.service.worker import Worker

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SOON = 30.0
RULE = 'block "frob"\n  match command("frob")\n  nudge "no"\n  example stop "frob"\n'
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


class Machine:
    """A store with its worker, and calls that are decided by it."""

    def __init__(self, top: Path, worker: Worker) -> None:
        self.top = top
        self.worker = worker
        self._news = asyncio.Event()
        self.write((ROOT / "config.toml").read_text(), "shipped/config.toml")
        self.write('suspicious "unknown"\n  match base_command_not_in(allowed_executables)\n', "shipped/rules/u.rules")
        places = ("shipped", "shipped/rules", "s", "c", "state")
        directories = PolicyDirectories(*(str(top / name) for name in places))
        self.store = PolicyStore(directories, worker, self._report)

    def _report(self, _report: Reload) -> None:
        self._news.set()

    def write(self, text: str, name: str = "c/rules/u.rules") -> None:
        (self.top / name).parent.mkdir(parents=True, exist_ok=True)
        (self.top / name).write_text(text)

    def verdict(self, command: str = "frob") -> Verdict:
        snapshot = self.store.snapshot_for(None)
        assert snapshot is not None
        decision = decide(snapshot, shell_call(command, snapshot.catalogue))
        assert (decision.generation, decision.digest) == (snapshot.generation, snapshot.digest)
        return decision.verdict

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def wait_warm(self) -> None:
        """A worker that has built once: as it is a moment after the daemon's start."""
        self.write("# warm\n", "c/rules/warm.rules")
        before = self.store.current
        await self.wait_until(lambda: self.store.current is not before)


@asynccontextmanager
async def running(top: Path) -> AsyncIterator[Machine]:
    worker = Worker(deadline=5.0)
    machine = Machine(top, worker)
    await machine.store.start()
    watching = asyncio.ensure_future(machine.store.watch())
    try:
        await machine.wait_warm()
        yield machine
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        await worker.close()


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[object, object, None]], None]:
    """Run a coroutine on each of the loops that a daemon may have."""

    def run_on(coroutine: Coroutine[object, object, None]) -> None:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(coroutine)

    return run_on


Run = Callable[[Coroutine[object, object, None]], None]


def test_an_edit_a_broken_edit_and_its_mending(run: Run, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as machine:
            assert machine.verdict() is Verdict.ASK
            machine.write(RULE)
            await machine.wait_until(lambda: machine.verdict() is Verdict.DENY)
            machine.write(RULE + "nonsense\n")
            await machine.wait_until(lambda: bool(machine.store.problems))
            assert machine.verdict() is Verdict.DENY
            machine.write(RULE.replace("block", "suspicious"))
            await machine.wait_until(lambda: machine.verdict() is Verdict.ASK)
            assert machine.store.problems == {}

    run(scene())


def test_ways_to_save_a_file(run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "c/rules"

    def rename_over() -> None:
        (rules / ".u.new").write_text(RULE)
        (rules / ".u.new").rename(rules / "u.rules")

    def like_vim() -> None:
        (rules / "u.rules").rename(rules / "u.rules~")
        (rules / "u.rules").write_text("# nothing\n")

    def link() -> None:
        (tmp_path / "far").mkdir()
        (tmp_path / "far/one").write_text(RULE)
        (tmp_path / "far/two").write_text("# nothing\n")
        (tmp_path / "far/now").symlink_to("one")
        (rules / "u.rules").unlink()
        (rules / "u.rules").symlink_to(tmp_path / "far/now")

    def swap_link() -> None:
        (tmp_path / "far/new").symlink_to("two")
        (tmp_path / "far/new").rename(tmp_path / "far/now")

    def through_link() -> None:
        (tmp_path / "far/two").write_text(RULE)

    def configure() -> None:
        (tmp_path / "c/.config.new").write_text('[executables]\nappend = ["frob"]\n[rules]\ndisabled = ["frob"]\n')
        (tmp_path / "c/.config.new").rename(tmp_path / "c/config.toml")

    async def scene() -> None:
        async with running(tmp_path) as machine:
            for save, verdict in (
                (rename_over, Verdict.DENY),
                (like_vim, Verdict.ASK),
                (link, Verdict.DENY),
                (swap_link, Verdict.ASK),
                (through_link, Verdict.DENY),
                (configure, Verdict.ALLOW),
                ((rules / "u.rules").unlink, Verdict.ALLOW),
                ((tmp_path / "c/config.toml").unlink, Verdict.ASK),
            ):
                save()
                await machine.wait_until(lambda: machine.verdict() is verdict)  # noqa: B023 - awaited in the loop

    run(scene())


def test_a_catalogue_of_ones_own_is_live(run: Run, tmp_path: Path) -> None:
    rule = 'block "gone"\n  match deletes("/data/**")\n  unknown pass\n'
    allowed = '[executables]\nappend = ["frob"]\n'
    entry = 'schema = 2\n[command.frob]\noperands = ["{}:FILE..."]\n'

    async def scene() -> None:
        async with running(tmp_path) as machine:
            machine.write(rule)
            machine.write(allowed, "c/config.toml")
            await machine.wait_until(lambda: machine.verdict("frob /data/x") is Verdict.ALLOW)
            machine.write(entry.format("delete"), "c/catalogue/mine.toml")
            await machine.wait_until(lambda: machine.verdict("frob /data/x") is Verdict.DENY)
            machine.write(entry.format("nonsense"), "c/catalogue/mine.toml")
            await machine.wait_until(lambda: bool(machine.store.problems))
            assert machine.verdict("frob /data/x") is Verdict.DENY
            ((problem,),) = machine.store.problems.values()
            assert (problem.file, problem.line) == (f"{tmp_path}/c/catalogue/mine.toml", 3)
            machine.write(entry.format("read"), "c/catalogue/.new")
            (tmp_path / "c/catalogue/.new").rename(tmp_path / "c/catalogue/mine.toml")
            await machine.wait_until(lambda: machine.verdict("frob /data/x") is Verdict.ALLOW)
            machine.write(entry.format("delete"), "s/catalogue/theirs.toml")
            (tmp_path / "c/catalogue/mine.toml").unlink()
            await machine.wait_until(lambda: machine.verdict("frob /data/x") is Verdict.DENY)

    run(scene())


def test_a_worker_killed_or_stopped_while_it_builds_costs_no_call(run: Run, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as machine:
            for kind, text, verdict in (
                (signal.SIGKILL, RULE, Verdict.DENY),
                (signal.SIGSTOP, RULE.replace("block", "suspicious"), Verdict.ASK),
            ):
                pid = machine.worker.pid
                assert pid is not None
                os.kill(pid, signal.SIGSTOP)
                before = machine.verdict()
                machine.write(text)
                begun = time.perf_counter()
                for _ in range(20):
                    assert machine.verdict() is before
                    await asyncio.sleep(0)
                assert time.perf_counter() - begun < SOON
                os.kill(pid, kind)
                await machine.wait_until(lambda: machine.verdict() is verdict)  # noqa: B023 - awaited in the loop
                assert machine.worker.pid != pid

    run(scene())


def test_calls_while_policy_is_published_see_one_whole_generation_each(run: Run, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(tmp_path) as machine:
            seen: set[tuple[int, Verdict]] = set()

            async def call() -> None:
                while True:
                    snapshot = machine.store.snapshot_for(None)
                    assert snapshot is not None
                    seen.add((snapshot.generation, machine.verdict()))
                    # Breathing: the thread that finds what to watch needs the interpreter, too.
                    await asyncio.sleep(0.001)

            calling = asyncio.ensure_future(call())
            for tier, verdict in (("block", Verdict.DENY), ("suspicious", Verdict.ASK)) * 3:
                machine.write(RULE.replace("block", tier))
                await machine.wait_until(lambda: machine.verdict() is verdict)  # noqa: B023 - awaited in the loop
            calling.cancel()
            await asyncio.wait({calling})
            assert len({generation for generation, _ in seen}) == len(seen)

    run(scene())


DAEMON = """
import asyncio, sys
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.building import BuildRequest
from security_hooks.service.worker import Worker

async def main():
    worker = Worker()
    await worker.ask(BuildRequest(0, PolicyDirectories(*[sys.argv[1]] * 5)))
    print(worker.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("is_stopped", [False, True])
def test_the_worker_ends_with_its_daemon(tmp_path: Path, is_stopped: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", DAEMON, str(tmp_path)], stdout=subprocess.PIPE) as daemon:
        assert daemon.stdout is not None
        worker = int(daemon.stdout.readline())
        if is_stopped:
            os.kill(worker, signal.SIGSTOP)
        daemon.kill()
    until = time.monotonic() + SOON
    while _is_running(worker):
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
