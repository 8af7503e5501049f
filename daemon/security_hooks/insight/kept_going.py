"""Works side by side in one process: what one does not expect ends that one alone, and it is begun again."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from security_hooks.insight.backoff import Backoff

LOG = logging.getLogger("security-hooks")
# A work that went on for so long was well; what ended it is no reason to wait longer than the first time.
WELL_SECONDS = 60.0

Work = Callable[[], Coroutine[None, None, None]]


async def kept_going(
    name: str,
    work: Callable[[Backoff], Coroutine[None, None, None]],
    backoff: Backoff,
    failed: Callable[[str, int], None],
) -> None:
    """Run a work that never ends of itself, again after each failure, until cancelled.

    `failed` is told why, and how often in a row. The work counts the failures that it expects in the same `backoff`.
    """
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        running = asyncio.ensure_future(work(backoff))
        try:
            await asyncio.wait({running})
        finally:
            running.cancel()
        if loop.time() - begun > WELL_SECONDS:
            backoff.succeeded()
        error = running.exception()
        LOG.error("%s failed: %s: %s", name, type(error).__name__, error, exc_info=error)
        seconds = backoff.failed()
        failed(f"defect: {error}", backoff.failures)
        await asyncio.sleep(seconds)
