"""`--blind SECONDS`: below which time an approval says that nobody read the question."""

import argparse

from security_hooks.insight.attention import BLIND_MS

_MOST = 60


def add_blind(parser: argparse.ArgumentParser) -> None:
    """The option; `arguments.blind_ms` are milliseconds."""
    parser.add_argument(
        "--blind",
        type=_milliseconds,
        default=BLIND_MS,
        metavar="SECONDS",
        dest="blind_ms",
        help=f"an approval in less time was given unread: 0 to {_MOST}, 0 for none ({BLIND_MS / 1000:g})",
    )


def seconds(milliseconds: int) -> str:
    """A time as people write it, to the two digits that are known of it."""
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:g} s"
    minutes = milliseconds / 60_000
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _milliseconds(text: str) -> int:
    value = float(text)
    if not 0 <= value <= _MOST:
        raise ValueError(text)
    return round(value * 1000)


_milliseconds.__name__ = f"time of 0 to {_MOST} seconds"
