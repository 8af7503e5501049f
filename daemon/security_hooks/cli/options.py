"""Options that many subcommands share, spelled once."""

import argparse
from pathlib import Path


def add_socket(parser: argparse.ArgumentParser) -> None:
    """`--socket PATH`."""
    parser.add_argument("--socket", type=Path, metavar="PATH", help="the daemon's socket")


def add_state(parser: argparse.ArgumentParser) -> None:
    """`--state-dir DIR`."""
    parser.add_argument("--state-dir", type=Path, metavar="DIR", help="audit log, last good policy")


def add_policy(parser: argparse.ArgumentParser) -> None:
    """`--config-dir DIR`, `--rules DIR`."""
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the user's configuration (default: XDG config)")
    parser.add_argument("--rules", type=Path, metavar="DIR", help="use these instead of the shipped rules")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_keys(parser: argparse.ArgumentParser) -> None:
    """`--key FILE`, as often as there are keys."""
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="trust this public half (PEM) and no key that is not named (default: those in STATE/keys)",
    )


def positive_number(text: str) -> int:
    """A count or a sequence number."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


# What argparse calls it in its complaints.
positive_number.__name__ = "positive number"
