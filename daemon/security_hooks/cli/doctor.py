"""`security-hooks doctor`: is everything well, and which command mends what is not."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.layers import project_at
from security_hooks.cli.options import add_json, add_policy, add_socket, add_state
from security_hooks.cli.visible import visible
from security_hooks.cli.wiring_options import add_root, machine_of
from security_hooks.install.inspection import inspect
from security_hooks.install.places import Machine
from security_hooks.install.soundness import soundness
from security_hooks.service.directories import config_dir, state_dir
from security_hooks.service.examination import Examined, Places, examine, find_shim
from security_hooks.service.inquiry import socket_path
from security_hooks.service.load import policy_directories
from security_hooks.wiring.report import Remark

COLOURS = {"well": "32", "warning": "33", "bad": "31", "open": "36"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `doctor`."""
    add_socket(parser)
    add_policy(parser)
    add_state(parser)
    add_root(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: nothing bad was found; 1: something was."""
    machine = machine_of(arguments)
    found = tuple(_all(_places(arguments, machine), machine))
    if arguments.json:
        print(json.dumps([_json(item) for item in found], indent=2))
    else:
        for item in found:
            print("\n".join(_lines(item)))
    return Exit.NO if any(item.state == "bad" for item in found) else Exit.OK


def _places(arguments: argparse.Namespace, machine: Machine) -> Places:
    """What is not given is where it is by itself, below the machine's root."""
    config = arguments.config_dir or machine.on_disk(config_dir(None))
    state = arguments.state_dir or machine.on_disk(state_dir(None))
    return Places(
        socket=arguments.socket.absolute() if arguments.socket else machine.on_disk(socket_path(None)),
        policy=policy_directories(config, arguments.rules, state),
        state=state.absolute(),
    )


def _all(places: Places, machine: Machine) -> Iterator[Examined]:
    is_enforcing = False
    for item in examine(places):
        # Sent only where a daemon runs and enforces.
        is_enforcing = is_enforcing or item.what == "canary"
        yield item
    for sound in soundness(find_shim(), places.policy, places.state / "audit", time.time()):
        yield _examined(sound.what, sound.remark)
    project = project_at(Path.cwd()) if machine.root is None else None
    inspected = tuple(inspect(machine, project, is_enforcing=is_enforcing))
    for found in inspected:
        yield _examined(found.client, found.remark)
    if not inspected:
        yield Examined("clients", "warning", "no client is here or wired", "security-hooks install --all")


def _examined(what: str, remark: Remark) -> Examined:
    return Examined(what, remark.state, remark.finding, remark.mend)


def _json(item: Examined) -> dict[str, str]:
    return {"what": item.what, "state": item.state, "finding": item.finding, "mend": item.mend}


def _lines(item: Examined) -> list[str]:
    state = f"{item.state:<7}"
    if sys.stdout.isatty():
        state = f"\033[{COLOURS[item.state]}m{state}\033[0m"
    lines = [f"{state}  {item.what:<11} {visible(item.finding)}"]
    helps = "what helps" if item.state == "open" else "mend it"
    return [*lines, f"{'':<21} {helps}: {visible(item.mend)}"] if item.mend else lines


COMMAND = Command(
    "doctor", "check that everything is well, and say what mends it", "security-hooks doctor --json", add_arguments, run
)
