"""`security-hooks wake`: end a nap."""

import argparse
import json

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.sudo import invoker, socket_of_invoker
from security_hooks.cli.terminal import require_person
from security_hooks.model.failure import StartupError
from security_hooks.service import wire
from security_hooks.service.inquiry import ask_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `wake`."""
    add_socket(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 awake again; 1 it did not nap; 64 not from a person's terminal, 69 without a daemon."""
    require_person("`security-hooks wake`")
    answer = ask_json(socket_of_invoker(arguments.socket), wire.WAKE, "woken", "refused", owner=invoker())
    if "refused" in answer:
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    if arguments.json:
        print(json.dumps(answer, indent=2))
    else:
        print("the guard is awake again" if answer["woken"] else "the guard did not nap")
    return Exit.OK if answer["woken"] else Exit.NO


COMMAND = Command("wake", "end a nap of the guard", "security-hooks wake", add_arguments, run)
