"""Everything that can go wrong with a peer and with us, over many records: none lost, and none different twice."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings

from security_hooks.insight.backoff import Backoff
from security_hooks.insight.deliver import Surroundings, keep_delivering, outbox_of
from security_hooks.insight.follow import Changes
from security_hooks.model.sink import Sink

SINK = {"batch_seconds": 1, "timeout_seconds": 1}
# Stalling costs a second each.
TROUBLES = ("500", "503", "429", "hang-up", "truncate", "restart", "400", "413")


async def test_no_record_is_lost_through_outages_of_the_peer_and_kills_of_our_own(
    log: Any, peer: Any, changes: Changes, tmp_path: Path, sink_of: Callable[..., Sink], until: Any
) -> None:
    # `make fuzz` takes twenty times as many.
    events = 100_000 if settings().max_examples > 100 else 5000
    chance = random.Random(16)
    requests = events // 50
    peer.script = [chance.choice(TROUBLES) if chance.random() < 0.3 else "ok" for _ in range(2 * requests)]
    for number in range(3):
        peer.script[10 + 20 * number] = "stall"
    around = Surroundings(
        log.directory,
        tmp_path / "state",
        changes,
        lambda _: None,
        outbox_of,
        lambda: Backoff(chance.random, 0.0005, 0.005),
    )
    sink = sink_of(peer.url, **SINK)
    running = asyncio.ensure_future(keep_delivering(sink, around))
    for number in range(20):
        log.append(events // 20)
        await until(lambda number=number: len(set(peer.taken)) > number * events // 20)
        if number % 4 == 3:
            # In mid-request, as `kill -9` would.
            running.cancel()
            await asyncio.wait({running})
            running = asyncio.ensure_future(keep_delivering(sink, around))
    await until(lambda: len(set(peer.taken)) == events)
    running.cancel()
    await asyncio.wait({running})
    assert set(peer.taken) == set(log.keys())
    # What came twice is the same record, byte by byte: its number, its hash and its line.
    lines: dict[str, set[bytes]] = {}
    for request in peer.requests:
        for line in request.body.splitlines():
            record = json.loads(line)
            lines.setdefault(f"{record['seq']}", set()).add(line)
    assert all(len(same) == 1 for same in lines.values())
    assert any(count > 1 for count in Counter(peer.taken).values()), "no outage was met"
