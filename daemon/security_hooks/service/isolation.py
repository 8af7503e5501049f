"""The daemon's end of the process that judges what must not hold the loop: large calls, dear ones, slow disks.

Calls take turns, each with a deadline that counts from its own beginning. Who is late is answered with a failure, and
a process that is late is killed, so that nothing that a call says or a disk does can hold up more than this queue.
"""

import asyncio
import logging
from typing import Any

import msgspec

from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.record import Json
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.work import Discard, Stakes
from security_hooks.policy.built import Build
from security_hooks.service.judging import (
    Failed,
    FindStakes,
    Found,
    JudgeCall,
    Judged,
    OpenCall,
    Opened,
    Question,
    Ready,
    Reply,
    UsePolicy,
)
from security_hooks.service.worker_process import WorkerProcess, worker_of

LOG = logging.getLogger("security-hooks")
# Half of the calls that are served at once, so that the others always find room.
MOST_WAITING = 32
MOST_POLICIES = 40
START_SECONDS = 10.0
# What the very first process may take longer: a call in the first second of the daemon's life is no hostile one.
FIRST_SECONDS = 3.0
_DECODER: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class Policy(msgspec.Struct, frozen=True):
    """A build that is in force, by the number of its snapshot."""

    generation: int
    build: Build


class Isolation:
    """One process, one question at a time. `run` keeps one warm, with the machine's policy."""

    def __init__(self, most_waiting: int = MOST_WAITING, first_seconds: float = FIRST_SECONDS) -> None:
        self._process: WorkerProcess[Reply] = WorkerProcess(worker_of("judge"), _DECODER.decode, self._warm_again)
        self._turn = asyncio.Lock()
        self._most_waiting = most_waiting
        self._first_seconds = first_seconds
        self._waiting = 0
        self._number = 0
        self._known: dict[int, asyncio.Future[Reply]] = {}
        self._starting: asyncio.Future[None] | None = None
        self._machine: Policy | None = None
        self._wanted = asyncio.Event()
        self._timeouts = 0

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return self._process.pid

    def report(self) -> dict[str, Json]:
        """Plain data for `status`."""
        restarts = max(0, self._process.starts - 1)
        return {"pid": self.pid, "restarts": restarts, "timeouts": self._timeouts, "waiting": self._waiting}

    def use(self, policy: Policy) -> None:
        """The machine's policy from now on: what a process is kept warm with."""
        self._machine = policy
        self._wanted.set()

    async def run(self) -> None:
        """Keep a process warm; runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._machine is None:
                continue
            try:
                async with self._turn, asyncio.timeout(START_SECONDS):
                    await self._prepare(self._machine)
                self._first_seconds = 0.0
            except (TimeoutError, OSError, EOFError) as error:
                LOG.warning("the judging process did not start: %s", type(error).__name__)
                self._process.stop()
                # The next call tries again; without one there is no need.
                self._wanted.clear()

    async def open_call(self, client: str, payload: bytes, home: str, deadline: float) -> Opened:
        """Decode a payload and find its place; raises CallError. Deadlines are the loop's time."""
        answer = await self._ask(OpenCall(self._next(), client, payload, home), None, deadline)
        if isinstance(answer, Opened):
            return answer
        raise self._confused(answer)

    async def judge(
        self,
        policy: Policy,
        place: Place,
        now: int,
        deadline: float,
        *,
        event: HookEvent | None = None,
        opened: int = 0,
        is_unseen: bool = False,
        session: SessionView = NO_SESSION,
    ) -> Judged:
        """Judge an event, or a call that was opened, under a policy; raises CallError."""
        question = JudgeCall(self._next(), policy.generation, now, place, event, opened, is_unseen, session)
        answer = await self._ask(question, policy, deadline)
        if isinstance(answer, Judged) and answer.decision.generation == policy.generation:
            return answer
        raise self._confused(answer)

    async def find_stakes(
        self, discards: tuple[Discard, ...], home: str, made_again: tuple[str, ...], seconds: float, deadline: float
    ) -> tuple[Stakes, ...]:
        """What each of these would throw away, looked for in so many seconds; raises CallError."""
        answer = await self._ask(FindStakes(self._next(), discards, home, made_again, seconds), None, deadline)
        if isinstance(answer, Found) and len(answer.stakes) == len(discards):
            return answer.stakes
        raise self._confused(answer)

    async def close(self) -> None:
        """End the process for good."""
        await self._process.close()

    async def _ask(self, question: Question, policy: Policy | None, deadline: float) -> Reply:
        if self._waiting >= self._most_waiting:
            raise CallError(Failure(Reason.ANALYSIS_BUSY, f"{self._waiting} calls are waiting"))
        self._waiting += 1
        try:
            async with asyncio.timeout_at(deadline + self._first_seconds), self._turn:
                await self._prepare(policy)
                self._first_seconds = 0.0
                return await self._answer(question)
        except TimeoutError:
            self._timeouts += 1
            raise CallError(Failure(Reason.ANALYSIS_TIMEOUT)) from None
        except (OSError, EOFError) as error:
            self._give_up()
            raise CallError(Failure(Reason.ANALYSIS_FAILED, type(error).__name__)) from error
        finally:
            self._waiting -= 1

    async def _prepare(self, policy: Policy | None) -> None:
        """Have a process that knows the policy. Who stops waiting for it leaves it to start for the next."""
        if not self._process.is_alive:
            if self._starting is None or self._starting.done():
                self._known.clear()
                # Should it hang, `run` ends it: callers may be gone by then.
                self._wanted.set()
                self._starting = asyncio.ensure_future(self._process.start())
                self._starting.add_done_callback(_seen)
            await asyncio.shield(self._starting)
        wanted = policy or self._machine
        if wanted is None:
            return
        known = self._known.get(wanted.generation)
        if known is None:
            forget = tuple(self._known)[: max(0, len(self._known) + 1 - MOST_POLICIES)]
            for generation in forget:
                del self._known[generation]
            message = UsePolicy(self._next(), wanted.generation, wanted.build, forget)
            known = asyncio.ensure_future(self._process.ask(message.number, msgspec.msgpack.encode(message)))
            known.add_done_callback(_seen)
            self._known[wanted.generation] = known
        if isinstance(await asyncio.shield(known), Ready):
            return
        # It is of no use without the policy.
        raise EOFError

    async def _answer(self, question: Question) -> Reply:
        try:
            return await self._process.ask(question.number, msgspec.msgpack.encode(question))
        except asyncio.CancelledError:
            # Nobody waits for it any more, and nobody knows when it would be done.
            self._give_up()
            raise

    def _give_up(self) -> None:
        self._process.stop()
        self._warm_again()

    def _warm_again(self) -> None:
        self._wanted.set()

    def _confused(self, answer: Reply) -> CallError:
        if isinstance(answer, Failed):
            return CallError(answer.failure)
        self._give_up()
        return CallError(Failure(Reason.ANALYSIS_FAILED, f"answered with {type(answer).__name__}"))

    def _next(self) -> int:
        self._number += 1
        return self._number


def _seen(known: asyncio.Future[Any]) -> None:
    """Whoever waits is told; where nobody waits any more, it is no news that the process died."""
    if not known.cancelled():
        known.exception()
