"""`security-hooks audit stats`: what the log tells in numbers, as tables and small plots."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from security_hooks.cli.audit_attention import attention_sections
from security_hooks.cli.audit_filter import add_filter, filter_of
from security_hooks.cli.audit_store import stored
from security_hooks.cli.blind import add_blind
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.table import table
from security_hooks.cli.visible import visible
from security_hooks.insight.counted import Counted
from security_hooks.insight.stats import Period, Stats, stats

_BAR = 40
_BLOCKS, _PLAIN = "█▓░", "#+."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit stats`."""
    add_blind(parser)
    add_filter(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: there are such calls; 1: there are none."""
    with stored(arguments.state_dir) as store:
        found = stats(store, filter_of(arguments), arguments.blind_ms)
    if arguments.json:
        print(msgspec.json.encode(found).decode())
    else:
        for line in lines_of(found, _marks(sys.stdout.encoding or "")):
            print(visible(line))
    return Exit.OK if found.calls else Exit.NO


def lines_of(found: Stats, marks: str) -> Iterator[str]:
    """The report. `marks` are three characters for allow, ask and deny in plots."""
    if not found.calls:
        yield "no call is like that"
        return
    yield f"{found.calls} calls from {_shown(found.first)} to {_shown(found.last)}; hours with any: {found.hours}"
    yield from _section("verdicts", _shares(found.verdicts, found.calls))
    yield from _section("where policy said otherwise (observe mode, permits)", _shares(found.would, found.calls))
    yield from _section(f"over time ({marks[0]} allow, {marks[1]} ask, {marks[2]} deny)", _plot(found.periods, marks))
    yield from _section("rules by hits", _rules(found) if found.rules else ())
    for title, lines in attention_sections(found.attention):
        yield from _section(title, lines)
    would = [f"{found.would_asks_per_hour} per hour would have been"] if found.would_asks_per_hour else ()
    yield from _section("asks that were not put (observe mode, permits)", would)
    yield from _section("how calls ended that were asked about", _shares(found.outcomes))
    yield from _section("actions", _shares(found.actions, found.calls))
    yield from _section("severities", _shares(found.severities, found.calls))
    yield from _section("clients", _shares(found.clients, found.calls))
    yield from _section("failures", _shares(found.failures, found.calls))
    latencies = [(name, f"{value} us") for name, value in found.latency_us.items()]
    yield from _section("latency in the daemon", table(latencies) if latencies else ())


def _rules(found: Stats) -> Iterator[str]:
    head = ("rule", "calls", "asked", "denied", "asks per hour")
    rows = [(hits.rule, *map(str, (hits.calls, hits.asked, hits.denied, hits.asked_per_hour))) for hits in found.rules]
    if not any(hits.would_ask or hits.would_deny for hits in found.rules):
        return table([head, *rows])
    would = [(str(hits.would_ask), str(hits.would_deny)) for hits in found.rules]
    wider = [(*row, *more) for row, more in zip(rows, would, strict=True)]
    return table([(*head, "would ask", "would deny"), *wider])


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield ""
        yield title
        yield from (f"  {row}" for row in rows)


def _shares(counted: Sequence[Counted], whole: int = 0) -> Iterator[str]:
    whole = whole or sum(row.calls for row in counted)
    rows = [(row.name, str(row.calls), f"{100 * row.calls / whole:.1f} %") for row in counted]
    return table(rows) if rows else iter(())


def _plot(periods: Sequence[Period], marks: str) -> Iterator[str]:
    most = max(_calls(period) for period in periods)
    for period in periods:
        counts = (period.allow, period.ask, period.deny)
        # What happened at all is seen, however little it is beside the rest.
        bar = "".join(
            mark * (max(1, round(_BAR * count / most)) if count else 0)
            for mark, count in zip(marks, counts, strict=True)
        )
        yield f"{_shown(period.start)[:16]}  {_calls(period):>7}  {bar}".rstrip()


def _calls(period: Period) -> int:
    return period.allow + period.ask + period.deny


def _shown(at: str) -> str:
    return at[:19].replace("T", " ")


def _marks(encoding: str) -> str:
    try:
        _BLOCKS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _PLAIN
    return _BLOCKS


VERB = Command(
    "stats",
    "numbers: verdicts over time, rules by hits, asks and their answers, actions, latencies",
    "security-hooks audit stats --since 7d",
    add_arguments,
    run,
)
