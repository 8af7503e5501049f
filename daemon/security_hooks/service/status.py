"""What the daemon says of itself: the answer to `security-hooks status`, as plain data."""

import asyncio
import json
import os
import time
from dataclasses import dataclass

from security_hooks import __version__
from security_hooks.model.record import Json
from security_hooks.policy.config_types import Mode
from security_hooks.service.counters import Counters
from security_hooks.service.reload import PolicyStore


@dataclass(frozen=True, slots=True)
class Begun:
    """How and when the daemon was started, by the monotonic clock and in nanoseconds of Unix time."""

    by: str
    monotonic: float
    at: int


def status_report(
    store: PolicyStore,
    counters: Counters,
    begun: Begun,
    socket: str,
    workers: tuple[int | None, dict[str, Json], dict[str, Json]],
    audit: dict[str, Json],
    anomalies: dict[str, Json],
    granted: dict[str, Json],
) -> bytes:
    """JSON. `well` is False where a person should look. `since` differs for every start, even of the same process.

    `workers` are the building process, and what there is to say of the judging one and of the one that reads the log;
    `anomalies` the last alarms and the tools that are asked about because of them, `granted` what a person has
    granted for now.
    """
    problems: list[Json] = [str(item) for items in store.problems.values() for item in items]
    report: dict[str, Json] = {
        "well": store.current is not None
        and not problems
        and not audit.get("full")
        and workers[2]["well"]
        and not _fails_again(audit.get("retention")),
        "version": __version__,
        "pid": os.getpid(),
        "worker_pid": workers[0],
        "judging": workers[1],
        "insight": workers[2],
        "loop": type(asyncio.get_running_loop()).__module__.partition(".")[0],
        "started": begun.by,
        "since": begun.at,
        "up_seconds": round(time.monotonic() - begun.monotonic),
        "socket": socket,
        "policy": _policy(store) | {"problems": problems, "warnings": [str(item) for item in store.warnings]},
        "calls": counters.report(),
        "audit": audit,
        "anomalies": anomalies,
        "granted": granted,
    }
    return json.dumps(report).encode()


def trouble_of(store: PolicyStore, *, is_full: bool) -> str:
    """What a person should know when a session starts, in a line; empty where all is well."""
    wrong = _wrong(store, is_full=is_full)
    if not store.observes:
        return wrong
    return "observe mode: nothing is blocked" + (f"; {wrong}" if wrong else "")


def _wrong(store: PolicyStore, *, is_full: bool) -> str:
    if is_full:
        what = "calls are not recorded" if store.observes else "calls are denied"
        return f"the disk is full, so {what} until there is room; run `security-hooks doctor`"
    if store.current is None:
        what = "no call is judged" if store.observes else "every call is denied"
        return f"no valid policy is loaded, so {what}; run `security-hooks rules lint`"
    if store.problems.get(None):
        return "the policy on disk is broken, and the last good one is in force; run `security-hooks status`"
    return ""


def _fails_again(retention: Json) -> bool:
    """Once may be by chance: it is tried again in some minutes."""
    failures = retention.get("failures") if isinstance(retention, dict) else None
    return isinstance(failures, int) and failures > 1


def _policy(store: PolicyStore) -> dict[str, Json]:
    snapshot = store.current
    if snapshot is None:
        return {"mode": Mode.OBSERVE.value if store.observes else None, "generation": 0, "digest": "", "rules": 0}
    return {
        "mode": snapshot.config.mode.value,
        "generation": snapshot.generation,
        "digest": snapshot.digest,
        "rules": len(snapshot.rules),
    }
