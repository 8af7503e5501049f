"""`security-hooks allow-once`: a person permits one call that was asked about, exactly that call, once."""

import argparse
import json

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.terminal import require_person, typed
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service import wire
from security_hooks.service.inquiry import ask_json, socket_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `allow-once`."""
    text = "the code of the call, from the agent's window or `security-hooks asks` (default: asked for)"
    parser.add_argument("code", nargs="?", metavar="CODE", help=text)
    add_socket(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 permitted; 1 no ask has this code (any more); 64 without a person's terminal, 69 without a daemon."""
    require_person("`security-hooks allow-once`")
    path = socket_path(arguments.socket)
    code: str = arguments.code if arguments.code is not None else typed("code: ")
    if not (code.isascii() and code.isalnum()):
        raise StartupError("that is no code: a code is letters and digits alone", Exit.USAGE)
    answer = ask_json(path, wire.PERMIT, "permitted", "refused", payload=code.encode("ascii"))
    if "refused" in answer and not answer.get("unknown"):
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    if arguments.json:
        print(json.dumps(answer, indent=2))
    elif "refused" in answer:
        print(visible(str(answer["refused"])))
    else:
        print(visible(_said(answer["permitted"])))
        print(
            f"the agent may make this very call within {_minutes(answer.get('seconds'))} minutes: tell it to try again"
        )
    return Exit.NO if "refused" in answer else Exit.OK


def _said(ask: Json) -> str:
    return f"permitted once: {ask.get('client')}: {ask.get('text')}" if isinstance(ask, dict) else "permitted once"


def _minutes(seconds: Json) -> int:
    return round(seconds / 60) if isinstance(seconds, int | float) else 10


COMMAND = Command(
    "allow-once",
    "permit one call that was asked about, exactly that call, once",
    "security-hooks allow-once K7M2RWQ4",
    add_arguments,
    run,
)
