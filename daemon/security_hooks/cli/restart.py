"""`security-hooks restart`: have the daemon become what is installed now, without losing a call."""

import argparse
import signal
import time

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_socket
from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status, socket_path
from security_hooks.service.running import tell

WAIT_SECONDS = 15.0
_LOOK_SECONDS = 0.02


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `restart`."""
    add_socket(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: the daemon has restarted and answers; 69: there is none, or it did not come back."""
    socket = socket_path(arguments.socket)
    before = ask_status(socket)
    since = before.get("since")
    tell(before, signal.SIGUSR2)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        # Who asks while it restarts waits at its socket, as calls do.
        after = ask_status(socket)
        if after.get("since") != since:
            print(f"security-hooks: restarted, version {after['version']}, pid {after['pid']}, socket {socket}")
            return Exit.OK
        time.sleep(_LOOK_SECONDS)
    raise StartupError(f"the daemon on {socket} has not restarted; see `security-hooks status`")


COMMAND = Command(
    "restart", "restart the daemon in place, keeping its socket", "security-hooks restart", add_arguments, run
)
