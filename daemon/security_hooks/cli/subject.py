"""What a person asks `check` and `explain` about: a command, where it would run, and under which policy."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from security_hooks.cli.command import Exit
from security_hooks.model.failure import StartupError
from security_hooks.service.judge import Judgement
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.offline import Offline, real_home
from security_hooks.service.place import find_project
from security_hooks.service.world import LocalWorld


@dataclass(frozen=True, slots=True)
class Subject:
    """A command judged by the policy that holds in its directory."""

    offline: Offline
    judgement: Judgement


def add_directory(parser: argparse.ArgumentParser) -> None:
    """`--cwd DIR`."""
    parser.add_argument("--cwd", metavar="DIR", help="where the command would run (default: here)")


def judge_subject(arguments: argparse.Namespace) -> Subject:
    """Judge what the arguments name; raises PolicyError, StartupError."""
    directories = policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)
    cwd, home = _directory(arguments.cwd), real_home()
    offline = Offline(load_snapshot(directories, find_project(cwd, home)), find_project, LocalWorld)
    return Subject(offline, offline.command(_text(arguments.command_text), cwd, home))


def _text(argument: str) -> str:
    """The argument as every client would hand it on: what is not UTF-8 reads as U+FFFD."""
    return os.fsencode(argument).decode("utf-8", "replace")


def _directory(given: str | None) -> str:
    try:
        # Links stay links: a client reports the path it was given.
        cwd = os.path.abspath(given or ".")  # noqa: PTH100 - resolve() follows links
    except FileNotFoundError as error:
        raise StartupError("the directory you are in was removed; give --cwd DIR", Exit.USAGE) from error
    if not Path(cwd).is_dir():
        print(f"security-hooks: {cwd} is no directory; judged as if it were an empty one", file=sys.stderr)
    return cwd
