"""Times as people write them: how long ago, or a date."""

import argparse
import re
import time
from datetime import UTC, datetime

from security_hooks.audit.encode import timestamp
from security_hooks.dsl.durations import SECONDS

_SECONDS = {**SECONDS, "w": 7 * SECONDS["d"]}
_AGO = re.compile(r"(\d{1,6})([smhdw])")


def add_since(parser: argparse.ArgumentParser) -> None:
    """`--since`."""
    parser.add_argument(
        "--since", type=moment, metavar="7d", help="no older records: 90m, 12h, 7d, 2w, or a date in UTC"
    )


def moment(text: str) -> str:
    """A time ago, or a date, as the log writes times."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        seconds = int(time.time()) - int(ago[1]) * _SECONDS[ago[2]]
    else:
        given = datetime.fromisoformat(text)
        seconds = int((given if given.tzinfo is not None else given.replace(tzinfo=UTC)).timestamp())
    return timestamp(max(seconds, 0) * 1_000_000_000)


moment.__name__ = "time"
