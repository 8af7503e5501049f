"""A work that ends in what it did not expect is begun again, and nobody else knows."""

import asyncio

import pytest

from security_hooks.insight import kept_going as module
from security_hooks.insight.backoff import Backoff
from security_hooks.insight.kept_going import kept_going


class Works:
    """A work that fails so many times, each time after it counted a failure that it expected."""

    def __init__(self, failures: int) -> None:
        self.left = failures
        self.told: list[tuple[str, int]] = []
        self.is_well = asyncio.Event()

    async def run(self, backoff: Backoff) -> None:
        backoff.failed()
        if self.left:
            self.left -= 1
            raise ZeroDivisionError("of the tests")
        self.is_well.set()
        await asyncio.Event().wait()


async def kept(works: Works) -> Backoff:
    backoff = Backoff(lambda: 0.0, 0.0001, 0.001)
    running = asyncio.ensure_future(
        kept_going("work", works.run, backoff, lambda why, failures: works.told.append((why, failures)))
    )
    async with asyncio.timeout(30):
        await works.is_well.wait()
    running.cancel()
    await asyncio.wait({running})
    return backoff


async def test_it_is_begun_again_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    works = Works(2)
    await kept(works)
    assert works.told == [("defect: of the tests", 2), ("defect: of the tests", 4)]
    assert "work failed: ZeroDivisionError: of the tests" in caplog.text


async def test_one_that_was_well_for_long_waits_as_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WELL_SECONDS", -1.0)
    works = Works(3)
    assert (await kept(works)).failures == 2
    assert [failures for _, failures in works.told] == [1, 1, 1]
