"""`security-hooks anomalies`: what stands out in the audit log; and a tool that failed too often set free again."""

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from security_hooks.audit.encode import timestamp
from security_hooks.audit.reader import Cursor, has_log, read_from
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.moment import moment
from security_hooks.cli.options import add_json, add_socket, add_state
from security_hooks.cli.terminal import require_person
from security_hooks.cli.visible import visible
from security_hooks.insight.anomalies.alert import Alert
from security_hooks.insight.anomalies.detectors import WINDOW_SECONDS, Detectors
from security_hooks.insight.anomalies.observation import observe
from security_hooks.insight.anomalies.rates import MULTIPLIER
from security_hooks.model.failure import StartupError
from security_hooks.service import wire
from security_hooks.service.directories import state_dir
from security_hooks.service.inquiry import ask_json, socket_path

SINCE = "24h"
HISTORY_SECONDS = 30 * 86_400
_WINDOW = re.compile(r"(\d{1,4})([mhd])")
_MINUTES = {"m": 1, "h": 60, "d": 1_440}
_LONGEST_WINDOW = 7 * 1_440


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `anomalies`, and its verb `clear`."""
    parser.add_argument(
        "--window", type=_window, default=WINDOW_SECONDS, metavar="15m", help="how long the windows are (15m; 5m to 7d)"
    )
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help=f"what showed since then: 90m, 12h, 7d, 2w, or a date in UTC ({SINCE})",
    )
    parser.add_argument(
        "--threshold-multiplier",
        type=_multiplier,
        default=MULTIPLIER,
        metavar="N",
        help=f"how many times the usual denials and files read are too many ({MULTIPLIER:g})",
    )
    add_state(parser)
    add_json(parser)
    verbs = parser.add_subparsers(dest="verb", metavar="[clear TOOL]")
    text = "stop asking about a tool that failed too often; only from a person's terminal"
    clear = verbs.add_parser(
        "clear", help=text, description=text, epilog="example: security-hooks anomalies clear Bash"
    )
    clear.add_argument("tool", metavar="TOOL", help="the tool, as `security-hooks status` names it")
    add_socket(clear)
    add_json(clear)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing stands out, 1 something does; 64 without a log. `clear`: 0 done, 1 no such tool is asked about."""
    if arguments.verb == "clear":
        return _clear(arguments.tool, socket_path(arguments.socket), as_json=arguments.json)
    since = arguments.since or moment(SINCE)
    found = look(_lines(arguments.state_dir), since, Detectors(arguments.window, arguments.threshold_multiplier))
    if arguments.json:
        report = {
            "since": since,
            "window_seconds": arguments.window,
            "records": found.records,
            "alerts": [{"at": alert.at, **alert.fields()} for alert in found.alerts],
        }
        print(json.dumps(report, indent=2))
    else:
        for line in _told(found, since):
            print(visible(line))
    return Exit.NO if found.alerts else Exit.OK


@dataclass(frozen=True, slots=True)
class Found:
    """How many records of calls there were since a time, and what stood out in them."""

    records: int
    alerts: tuple[Alert, ...]


def look(lines: Iterable[bytes], since: str, detectors: Detectors) -> Found:
    """Feed the detectors with lines of the log; what came in the month before `since` is history alone.

    Of something that got worse the last alert stands for all.
    """
    begin = _before(since)
    records = 0
    alerts: list[Alert] = []
    for line in lines:
        seen = observe(line, begin)
        if seen is None:
            continue
        fired = detectors.feed(seen)
        if seen.when >= since:
            records += 1
            for alert in fired:
                same = [number for number, other in enumerate(alerts) if alert.is_worse and other.key == alert.key]
                if same:
                    del alerts[same[-1]]
                alerts.append(alert)
    return Found(records, tuple(alerts))


def _before(since: str) -> str:
    """The time from which on records are history."""
    seconds = int(datetime.fromisoformat(f"{since:.19}Z").timestamp())
    return timestamp(max(seconds - HISTORY_SECONDS, 0) * 1_000_000_000)


def _lines(state: Path | None) -> Iterator[bytes]:
    directory = state_dir(state) / "audit"
    if not has_log(directory):
        raise StartupError(f"there is no audit log in {directory}; the daemon makes it when it starts", Exit.USAGE)
    return (line for line, _ in read_from(directory, Cursor(0, 0)))


def _told(found: Found, since: str) -> Iterator[str]:
    for alert in found.alerts:
        when = f"{alert.at:.19}".replace("T", " ")
        yield f"{when}  {alert.severity.value:<6}  {alert.kind.value:<18}  {alert.text}"
    looked = f"{found.records} records since {f'{since:.16}'.replace('T', ' ')} UTC"
    count = len(found.alerts)
    yield f"{count} alert{'s' * (count > 1)} in {looked}" if found.alerts else f"quiet: nothing stands out in {looked}"


def _clear(tool: str, path: Path, *, as_json: bool) -> int:
    require_person("`security-hooks anomalies clear`")
    answer = ask_json(path, wire.CLEAR, "cleared", "refused", payload=tool.encode("utf-8"))
    if "refused" in answer and not answer.get("unknown"):
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    if as_json:
        print(json.dumps(answer, indent=2))
    elif "refused" in answer:
        print(visible(str(answer["refused"])))
    else:
        print(visible(f"cleared: calls of {tool} are judged by the rules alone again"))
    return Exit.NO if "refused" in answer else Exit.OK


def _window(text: str) -> int:
    given = _WINDOW.fullmatch(text)
    minutes = int(given[1]) * _MINUTES[given[2]] if given is not None else 0
    if not 5 <= minutes <= _LONGEST_WINDOW:
        raise ValueError(text)
    return minutes * 60


def _multiplier(text: str) -> float:
    number = float(text)
    if not 1 <= number <= 1_000:
        raise ValueError(text)
    return number


_window.__name__ = "window"
_multiplier.__name__ = "number from 1 to 1000"

COMMAND = Command(
    "anomalies",
    "find what stands out in the audit log: denials, files read, secrets, unknown tools, failing tools",
    "security-hooks anomalies --since 7d",
    add_arguments,
    run,
)
