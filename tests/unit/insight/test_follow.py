"""Reading on from a mark: segments, torn tails, logs that are others, and batches by number and by time."""

import asyncio
import contextlib
from typing import Any

import pytest

from security_hooks.insight.cursor import BEGINNING, Mark
from security_hooks.insight.follow import Changes, end_of, follow, mark_before, next_batch, read_after

NEVER = 3600.0


def numbers(reading: Any) -> list[int]:
    return [entry.record.seq for entry in reading.entries]


def test_it_reads_on_across_segments(log: Any) -> None:
    log.segment_records = 4
    log.append(10)
    first = read_after(log.directory, BEGINNING, 6)
    assert (numbers(first), first.is_full) == ([1, 2, 3, 4, 5, 6], True)
    rest = read_after(log.directory, first.mark, 6)
    assert (numbers(rest), rest.is_full, rest.missed) == ([7, 8, 9, 10], False, 0)
    assert numbers(read_after(log.directory, rest.mark, 6)) == []


def test_a_batch_ends_at_its_size_but_holds_one_record_at_least(log: Any) -> None:
    log.append(3, script="x" * 1000)
    reading = read_after(log.directory, BEGINNING, 10, 2500)
    assert (numbers(reading), reading.is_full) == ([1], True) or len(reading.entries) == 2
    assert numbers(read_after(log.directory, BEGINNING, 10, 1)) == [1]


def test_half_a_line_is_not_there_yet(log: Any) -> None:
    log.append(2)
    whole = log.segment.read_bytes()
    for cut in (1, 100, len(whole) // 2 - 1):
        log.segment.write_bytes(whole[:-cut])
        assert numbers(read_after(log.directory, BEGINNING, 10)) == [1]
    log.segment.write_bytes(whole)
    assert numbers(read_after(log.directory, BEGINNING, 10)) == [1, 2]


@pytest.mark.parametrize("anew", [1, 5, 50])
def test_a_log_that_was_begun_anew_is_read_from_its_beginning(log: Any, anew: int) -> None:
    log.append(5)
    mark = read_after(log.directory, BEGINNING, 10).mark
    log.segment.unlink()
    log.seq, log.head = 0, "f" * 64
    log.append(anew)
    reading = read_after(log.directory, mark, 100)
    assert (len(reading.entries), reading.is_anew) == (anew, True)


def test_a_mark_in_a_segment_that_is_gone_goes_on_with_the_next(log: Any) -> None:
    log.segment_records = 2
    log.append(3)
    mark = read_after(log.directory, BEGINNING, 1).mark
    (log.directory / "00000001.jsonl").unlink()
    reading = read_after(log.directory, mark, 10)
    assert (numbers(reading), reading.missed, reading.is_anew) == ([3], 1, False)


def test_no_log_is_no_error(tmp_path: Any) -> None:
    assert read_after(tmp_path / "none", Mark(7, 7, 7, "x", 7), 10).entries == ()
    assert end_of(tmp_path / "none") == BEGINNING


def test_the_end_is_where_reading_has_nothing_more(log: Any) -> None:
    log.append(5)
    end = end_of(log.directory)
    assert end == read_after(log.directory, BEGINNING, 10).mark
    log.append(1)
    assert numbers(read_after(log.directory, end, 10)) == [6]


@pytest.mark.parametrize(("seq", "first"), [(1, 1), (4, 4), (5, 4), (9, 7)])
def test_a_record_is_met_without_reading_all_before_it(log: Any, seq: int, first: int) -> None:
    log.segment_records = 3
    log.append(9)
    reading = read_after(log.directory, mark_before(log.directory, seq), 10)
    assert (numbers(reading)[0], reading.missed) == (first, 0)


async def test_following_gives_what_is_there_and_what_comes(log: Any, changes: Changes) -> None:
    log.append(5)
    got: list[int] = []

    async def take() -> None:
        async for reading in follow(log.directory, BEGINNING, changes, 2):
            got.extend(numbers(reading))

    taking = asyncio.ensure_future(take())
    async with asyncio.timeout(30):
        while len(got) < 5:
            await asyncio.sleep(0.005)
        log.segment_records = 6
        log.append(4)
        while len(got) < 9:
            await asyncio.sleep(0.005)
    taking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await taking
    assert got == list(range(1, 10))


async def test_a_batch_waits_for_its_number(log: Any, changes: Changes) -> None:
    log.append(2)
    waiting = asyncio.ensure_future(next_batch(log.directory, BEGINNING, changes, 5, NEVER))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    log.append(4)
    assert numbers(await asyncio.wait_for(waiting, 30)) == [1, 2, 3, 4, 5]


async def test_a_batch_waits_no_longer_than_its_time(log: Any, changes: Changes) -> None:
    log.append(2)
    assert numbers(await asyncio.wait_for(next_batch(log.directory, BEGINNING, changes, 5, 0.01), 30)) == [1, 2]


async def test_a_change_that_came_before_the_wait_is_not_missed() -> None:
    changes = Changes()
    seen = changes.seen
    changes.tell()
    await asyncio.wait_for(changes.wait(seen), 30)
    await asyncio.wait_for(changes.wait(changes.seen, 0.0), 30)
