"""What `doctor` says of the process that reads the log and of what it does (sinks, store, metrics), and of how the log
is kept within its limits.

Nothing of this blocks a call: the log is written whatever becomes of it. What is down for long is bad all the same, for
nobody elsewhere sees what happens here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from security_hooks.model.insight import MANY_FAILURES
from security_hooks.model.record import Json
from security_hooks.service.detach import LOG
from security_hooks.service.origin import Origin

# A store that is so many records behind is slow for whoever asks; less is read in a second or two.
MUCH = 10_000
# Whoever dies once may have been killed by somebody.
OFTEN = 3
# A peer that took nothing for so long is down, however seldom it was tried.
LONG_SECONDS = 600
_STATUS = "security-hooks status"
_LOSSES = (
    (
        "missed",
        "were gone from the log before it had them",
        "see docs/audit.md on retention, or make `keep_bytes` larger",
    ),
    ("rejected", "were refused for good by its peer", "see what the peer's own log says"),
    ("unreadable", "were no records", "security-hooks audit verify"),
)

Told = tuple[str, str, str, str]


def insight_of(status: dict[str, Json], now: float) -> Iterator[Told]:
    """Subject, state, finding and what mends it, from what the daemon says of itself; `now` is Unix time."""
    insight = _section(status, "insight")
    directory = Path(str(_section(status, "audit").get("directory")))
    yield from _process(insight, _where_it_logs(status, directory))
    yield from _store(_section(insight, "store"), directory.parent / "insight")
    sinks = insight.get("sinks")
    for sink in sinks if isinstance(sinks, list) else ():
        if isinstance(sink, dict):
            yield from _sink(sink, now)
    problem = _section(insight, "metrics").get("problem")
    if problem:
        yield "metrics", "warning", f"not served: {problem}", "mend `[metrics] listen`, or what it says"
    yield from _retention(_section(_section(status, "audit"), "retention"))


def _process(insight: dict[str, Json], log: str) -> Iterator[Told]:
    restarts, failures = _number(insight, "restarts"), _number(insight, "failures")
    why = f"; the last one {insight['problem']}" if insight.get("problem") else ""
    if insight.get("needed") and insight.get("pid") is None and failures:
        state = "bad" if failures >= MANY_FAILURES else "warning"
        yield "insight", state, f"the process that reads the log does not run, {failures} tries in a row{why}", log
    elif restarts >= OFTEN:
        yield "insight", "warning", f"the process that reads the log died {restarts} times{why}", log


def _store(store: dict[str, Json], directory: Path) -> Iterator[Told]:
    if not store.get("enabled"):
        return
    behind, failures = _number(store, "behind"), _number(store, "failures")
    if store.get("problem"):
        state = "bad" if failures >= MANY_FAILURES else "warning"
        finding = f"{behind} records behind, as it fails ({failures} times in a row): {store['problem']}"
        yield "store", state, finding, f"ls -ld {directory} {directory}/*; removed, it is made anew from the log"
    elif behind > MUCH:
        yield "store", "warning", f"{behind} records behind the log; questions read these first", _STATUS
    else:
        yield "store", "well", f"up to record {store.get('sequence')}, {behind} behind", ""


def _sink(sink: dict[str, Json], now: float) -> Iterator[Told]:
    name, failures, since = f"{sink.get('name')} ({sink.get('kind')})", _number(sink, "failures"), _since(sink)
    behind = _number(sink, "behind")
    if failures:
        is_long = failures >= MANY_FAILURES or now - _number(sink, "down_since") > LONG_SECONDS
        finding = f"{name} takes nothing since {since}, {behind} records wait: {sink.get('error')}"
        yield "sink", "bad" if is_long else "warning", finding, str(sink.get("mend") or _STATUS)
    else:
        yield "sink", "well", f"{name}: delivered up to record {sink.get('sequence')}, {behind} behind", ""
    if sink.get("warning"):
        yield "sink", "warning", f"{name}: {sink['warning']}", _STATUS
    for word, what, mend in _LOSSES:
        if sink.get(word):
            yield "sink", "warning", f"{name}: {sink[word]} records {what}", mend


def _retention(told: dict[str, Json]) -> Iterator[Told]:
    if told.get("problem"):
        yield "retention", "warning", f"since {_since(told)}: {told['problem']}", str(told.get("mend"))


def _where_it_logs(status: dict[str, Json], directory: Path) -> str:
    """A command that shows why, where who started the daemon tells where its stderr goes."""
    match status.get("started"):
        case Origin.SYSTEMD.value:
            return "journalctl --user -u security-hooks.service -n 50, then security-hooks restart"
        case Origin.ON_DEMAND.value:
            return f"tail -n 50 {directory.parent / LOG}, then security-hooks restart"
        case _:
            return "see the daemon's stderr, then security-hooks restart"


def _section(of: dict[str, Json], name: str) -> dict[str, Json]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def _number(of: dict[str, Json], name: str) -> int:
    found = of.get(name)
    return found if isinstance(found, int) else 0


def _since(of: dict[str, Json]) -> str:
    since = _number(of, "down_since") or _number(of, "since")
    return f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC"
