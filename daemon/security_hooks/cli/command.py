"""What a subcommand is, and the exit statuses that all of them share."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit statuses. `check` alone uses ALLOW, ASK and DENY; no error ever ends in 1 or 2."""

    OK = 0
    NO = 1
    ALLOW = 0
    ASK = 1
    DENY = 2
    USAGE = 64
    POLICY = 65
    NO_DAEMON = 69
    INTERNAL = 70


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: `add_arguments` fills its parser, `run` does the work and returns an exit status."""

    name: str
    summary: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
