"""The daemon's end of the process that builds policies: asks it, kills it when it does not answer in time.

Its death or hanging costs a build its time and a call nothing: calls look at what is published.
"""

import asyncio
from collections.abc import Callable

import msgspec

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.service.building import BuildAnswer, BuildRequest
from security_hooks.service.worker_process import WorkerProcess, worker_of

DEADLINE = 10.0
TRIES = 2
_DECODER = msgspec.msgpack.Decoder(BuildAnswer)


class Worker:
    """Builds, one after the other, in a process that is started when it is first needed and again when it is gone."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._turn = asyncio.Lock()
        self._process = WorkerProcess(worker_of("build"), _DECODER.decode, self._died)
        self._number = 0
        self.on_death: Callable[[], None] = lambda: None
        """Called when a worker that had been of use dies of itself, so that another can be warm in time."""

    @property
    def pid(self) -> int | None:
        """The worker's process id while there is one."""
        return self._process.pid

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        """The answer to a request; raises PolicyError where no worker gives one in time."""
        async with self._turn:
            for _ in range(TRIES):
                try:
                    async with asyncio.timeout(self._deadline):
                        return await self._exchange(request)
                except (TimeoutError, OSError, EOFError):
                    self.stop()
        message = "the policy could not be built: the worker process died or did not answer"
        raise PolicyError((Diagnostic("policy", 0, 0, "no-worker", message, "see the daemon's log"),))

    def stop(self) -> None:
        """End the worker, whatever it is doing; the next request starts another."""
        self._process.stop()

    async def close(self) -> None:
        """End the worker for good, and collect what is left of it within a second."""
        await self._process.close()

    def _died(self) -> None:
        self.on_death()

    async def _exchange(self, request: BuildRequest) -> BuildAnswer:
        if not self._process.is_alive:
            await self._process.start()
        self._number += 1
        body = msgspec.msgpack.encode(msgspec.structs.replace(request, number=self._number))
        return await self._process.ask(self._number, body)
