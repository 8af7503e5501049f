"""`security-hooks doctor`: is everything well, and which command mends what is not."""

import argparse
import json
import sys

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_socket, add_state
from security_hooks.cli.visible import visible
from security_hooks.service.directories import state_dir
from security_hooks.service.examination import Examined, Places, examine
from security_hooks.service.inquiry import socket_path
from security_hooks.service.load import policy_directories

COLOURS = {"well": "32", "warning": "33", "bad": "31"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `doctor`."""
    add_socket(parser)
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: nothing bad was found; 1: something was."""
    places = Places(
        socket=socket_path(arguments.socket),
        policy=policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir),
        state=state_dir(arguments.state_dir).absolute(),
    )
    found = tuple(examine(places))
    if arguments.json:
        print(json.dumps([_json(item) for item in found], indent=2))
    else:
        for item in found:
            print("\n".join(_lines(item)))
    return Exit.NO if any(item.state == "bad" for item in found) else Exit.OK


def _json(item: Examined) -> dict[str, str]:
    return {"what": item.what, "state": item.state, "finding": item.finding, "mend": item.mend}


def _lines(item: Examined) -> list[str]:
    state = f"{item.state:<7}"
    if sys.stdout.isatty():
        state = f"\033[{COLOURS[item.state]}m{state}\033[0m"
    lines = [f"{state}  {item.what:<7} {visible(item.finding)}"]
    return [*lines, f"{'':<17} mend it: {visible(item.mend)}"] if item.mend else lines


COMMAND = Command(
    "doctor", "check that everything is well, and say what mends it", "security-hooks doctor --json", add_arguments, run
)
