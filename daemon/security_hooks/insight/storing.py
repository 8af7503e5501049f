"""Keeps the store up to date: whenever the log may have grown all that there is, a batch at a time."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from security_hooks.audit.failure import AuditError
from security_hooks.insight.backoff import Backoff
from security_hooks.insight.feed import feed, opened
from security_hooks.insight.follow import Changes
from security_hooks.insight.store import Store, StoreError, forget
from security_hooks.model.insight import StoreReport

LOG = logging.getLogger("security-hooks")


async def keep_store(
    path: Path, log: Path, changes: Changes, report: Callable[[StoreReport], None], backoff: Backoff
) -> None:
    """Read on until cancelled; what fails is told and tried again."""
    store: Store | None = None
    sequence = 0
    try:
        while True:
            seen = changes.seen
            try:
                store = store or opened(path)
                begun = time.thread_time()
                for _ in feed(store, log):
                    sequence = store.last()
                    report(StoreReport(sequence))
                    # Whoever else lives in this loop has a turn; and a long log takes half a processor at most, for a
                    # call that is judged meanwhile to find one idle.
                    await asyncio.sleep(time.thread_time() - begun)
                    begun = time.thread_time()
                sequence = store.last()
            except (StoreError, AuditError) as error:
                if isinstance(error, StoreError) and store is not None:
                    broken, store = store, None
                    broken.close()
                    if error.is_damaged:
                        forget(path)
                if not backoff.failures:
                    LOG.warning("%s", error)
                seconds = backoff.failed()
                report(StoreReport(sequence, backoff.failures, str(error)))
                await asyncio.sleep(seconds)
            else:
                backoff.succeeded()
                report(StoreReport(sequence))
                await changes.wait(seen)
    finally:
        if store is not None:
            store.close()
