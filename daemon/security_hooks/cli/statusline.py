"""`security-hooks statusline`: one short line about the guard, for the status line of Claude Code.

Reads what the client says on stdin and lets it go: the line is about the machine's guard. Never fails: whatever is
wrong is what the line says.
"""

import argparse
import os
import select
import sys
import time

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_socket
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service.inquiry import ask_status, socket_path

# The client draws its line again several times a second while it works.
ANSWER_SECONDS = 0.25
INPUT_SECONDS = 0.25
OFF = "guard OFF, calls are blocked: security-hooks start"

_TOLD = (("deny", "denied"), ("ask", "asked"))
_WOULD = (("deny", "denied"), ("ask", "asked about"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `statusline`."""
    add_socket(parser)


def run(arguments: argparse.Namespace) -> int:
    """Always 0."""
    _let_go_of_stdin()
    try:
        line = line_of(ask_status(socket_path(arguments.socket), ANSWER_SECONDS))
    except StartupError:
        line = OFF
    except (KeyError, TypeError):
        line = "guard of another version: security-hooks restart"
    print(line)
    return Exit.OK


def line_of(report: dict[str, Json]) -> str:
    """The line for what the daemon says; raises KeyError or TypeError where that is not of this version."""
    policy, calls = report["policy"], report["calls"]
    if not isinstance(policy, dict) or not isinstance(calls, dict):
        raise TypeError
    verdicts, would = calls["verdicts"], calls.get("would", {})
    if not isinstance(verdicts, dict) or not isinstance(would, dict):
        raise TypeError
    state = "observes only" if policy["mode"] == "observe" else "on" if policy["digest"] else "blocks all, no policy"
    # What nobody objected to is no news.
    counted = [f"{verdicts[name]} {text}" for name, text in _TOLD if verdicts[name]]
    counted += [f"{would[name]} would have been {text}" for name, text in _WOULD if would.get(name)]
    line = ", ".join([f"guard {state}: {calls['calls']} calls", *counted])
    return line if report["well"] else f"{line}; see security-hooks status"


def _let_go_of_stdin() -> None:
    """Take what the client writes, so that it meets no closed pipe; a client that never ends holds nobody."""
    deadline = time.monotonic() + INPUT_SECONDS
    try:
        descriptor = sys.stdin.fileno()
        while not os.isatty(descriptor):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0] or not os.read(descriptor, 65_536):
                return
    except (AttributeError, OSError, ValueError):
        # There is no stdin.
        return


COMMAND = Command(
    "statusline",
    "print one line about the guard for Claude Code's status line",
    "security-hooks statusline < /dev/null",
    add_arguments,
    run,
)
