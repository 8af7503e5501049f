"""`security-hooks start`: have a daemon running, and return once it answers."""

import argparse
import os
import time
from pathlib import Path

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_policy, add_socket, add_state
from security_hooks.cli.program import program
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service.detach import LOG, alone, clean_environment, detach, wait_until
from security_hooks.service.directories import state_dir
from security_hooks.service.inquiry import ask_status, socket_path

WAIT_SECONDS = 5.0
MOST_SECONDS = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `start`."""
    add_socket(parser)
    add_policy(parser)
    add_state(parser)
    parser.add_argument(
        "--wait", type=_seconds, default=WAIT_SECONDS, metavar="SECONDS", help="for it to be ready (default: 5)"
    )


def run(arguments: argparse.Namespace) -> int:
    """0: a daemon answers, this one or one that was there; 69: none does in time."""
    deadline = time.monotonic() + arguments.wait
    socket = socket_path(arguments.socket)
    state = state_dir(arguments.state_dir).absolute()
    report = _report(socket, deadline)
    if report is not None:
        return _say(report, socket, "already running")
    with alone(state, deadline):
        # Whoever held the lock before us may have started it.
        report = _report(socket, deadline)
        if report is not None:
            return _say(report, socket, "already running")
        log = state / LOG
        pid = detach(_words(arguments, socket, state), clean_environment(os.environ), log)
        found: list[dict[str, Json]] = []

        def is_ready() -> bool:
            answer = _report(socket, deadline)
            found.extend(() if answer is None else (answer,))
            return answer is not None

        if not wait_until(is_ready, pid, deadline):
            raise StartupError(f"the daemon is not ready: {_last_line(log)}; see {log}")
    return _say(found[-1], socket, "started")


def _words(arguments: argparse.Namespace, socket: Path, state: Path) -> list[str]:
    words = [str(program()), "serve", "--on-demand", "--socket", str(socket), "--state-dir", str(state)]
    for option, given in (("--config-dir", arguments.config_dir), ("--rules", arguments.rules)):
        words += [option, str(given.absolute())] if given is not None else []
    return words


def _report(socket: Path, deadline: float) -> dict[str, Json] | None:
    try:
        return ask_status(socket, max(0.05, deadline - time.monotonic()))
    except StartupError:
        return None


def _say(report: dict[str, Json], socket: Path, how: str) -> int:
    print(f"security-hooks: {how}, pid {report['pid']}, socket {socket}")
    return Exit.OK


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return lines[-1].removeprefix("security-hooks: ") if lines else "it said nothing"


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds between 0 and {MOST_SECONDS}")
    return seconds


COMMAND = Command("start", "start the daemon if none runs", "security-hooks start --wait 3", add_arguments, run)
