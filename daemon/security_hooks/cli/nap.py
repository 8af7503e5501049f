"""`security-hooks nap`: for a while the guard objects to nothing but what would harm the guard itself."""

import argparse
import json

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.sudo import invoker, socket_of_invoker
from security_hooks.cli.terminal import require_person
from security_hooks.model.failure import StartupError
from security_hooks.policy.grant_words import DEFAULT_SECONDS, seconds_of
from security_hooks.service import wire
from security_hooks.service.inquiry import ask_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `nap`."""
    parser.add_argument("duration", nargs="?", metavar="DURATION", help="`90s`, `10m`, `1h` (default: 10m)")
    add_socket(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 napping; 64 for a time that is none or too long, or not from a person's terminal; 69 without a daemon."""
    require_person("`security-hooks nap`")
    seconds = DEFAULT_SECONDS if arguments.duration is None else seconds_of(arguments.duration)
    if seconds is None:
        raise StartupError(f"`{arguments.duration}` is no duration: `90s`, `10m`, `1h`", Exit.USAGE)
    path = socket_of_invoker(arguments.socket)
    payload = str(seconds).encode("ascii")
    answer = ask_json(path, wire.NAP, "napping", "refused", payload=payload, owner=invoker())
    if "refused" in answer:
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    if arguments.json:
        print(json.dumps(answer, indent=2))
    else:
        print(f"the guard naps for {seconds} s: it records, and objects only to what harms the guard itself")
        print("`security-hooks wake` ends that before")
    return Exit.OK


COMMAND = Command(
    "nap",
    "have the guard object to nothing but what harms itself, for a while",
    "security-hooks nap 10m",
    add_arguments,
    run,
)
