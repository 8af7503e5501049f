"""What a person asks `check` and `explain` about: a command or a payload, where it would run, under which policy."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from security_hooks.cli.command import Exit
from security_hooks.clients import CLIENTS
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import CallError, StartupError
from security_hooks.service.judge import Judgement
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.offline import Offline, real_home, shell_event
from security_hooks.service.place import find_project
from security_hooks.service.world import LocalWorld

LONGEST_PAYLOAD = 1 << 26


@dataclass(frozen=True, slots=True)
class Subject:
    """A call judged by the policy that holds in its directory."""

    offline: Offline
    judgement: Judgement
    event: HookEvent
    place: Place


def add_directory(parser: argparse.ArgumentParser) -> None:
    """`--cwd DIR`."""
    parser.add_argument("--cwd", metavar="DIR", help="where the command would run (default: here)")


def add_payload(parser: argparse.ArgumentParser, command: argparse._MutuallyExclusiveGroup) -> None:
    """`--payload FILE` beside the command, `--client NAME`."""
    command.add_argument("--payload", metavar="FILE", help="a call as its client sends it (`-`: standard input)")
    names = [client.name for client in CLIENTS]
    parser.add_argument("--client", choices=names, default=names[0], help=f"whose payload it is ({names[0]})")


def judge_subject(arguments: argparse.Namespace) -> Subject:
    """Judge the command that the arguments name; raises PolicyError, StartupError."""
    cwd = _directory(arguments.cwd)
    return _judged(arguments, shell_event(_text(arguments.command_text), cwd), cwd)


def judge_payload(arguments: argparse.Namespace) -> Subject:
    """Judge the payload that the arguments name; raises PolicyError, StartupError."""
    if arguments.cwd is not None:
        raise StartupError("--cwd is for a command; a payload says its own `cwd`", Exit.USAGE)
    client = next(client for client in CLIENTS if client.name == arguments.client)
    payload = _read(arguments.payload)
    try:
        event = client.decode(payload)
    except CallError as error:
        detail = error.failure.detail
        raise StartupError(f"the payload cannot be read as one of {client.name}: {detail}", Exit.USAGE) from error
    return _judged(arguments, event, event.cwd)


def _judged(arguments: argparse.Namespace, event: HookEvent, cwd: str | None) -> Subject:
    directories = policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)
    home = real_home()
    project = find_project(cwd, home) if cwd is not None else None
    offline = Offline(load_snapshot(directories, project), find_project, LocalWorld)
    place = Place(cwd, home, project)
    return Subject(offline, offline.placed(event, place), event, place)


def _read(name: str) -> bytes:
    try:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
            return file.read(LONGEST_PAYLOAD)
    except OSError as error:
        raise StartupError(f"cannot read {name}: {error.strerror}", Exit.USAGE) from error


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
