"""`security-hooks asks`: the calls that wait for a person, with the codes that permit each once."""

import argparse
import json

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.table import table
from security_hooks.cli.terminal import require_person
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service import wire
from security_hooks.service.inquiry import ask_json, socket_path

_HEAD = ("code", "age", "client", "project", "rule", "call")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `asks`."""
    add_socket(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 whether something waits or not; 64 without a person's terminal, 69 without a daemon."""
    require_person("`security-hooks asks`")
    path = socket_path(arguments.socket)
    answer = ask_json(path, wire.ASKS, "asks", "refused")
    if "refused" in answer:
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    asks = _asks(answer["asks"])
    if arguments.json:
        print(json.dumps(asks, indent=2))
    elif not asks:
        print("nothing waits for you")
    else:
        for line in table([_HEAD, *map(_row, asks)]):
            print(line)
    return Exit.OK


def _asks(found: Json) -> list[dict[str, Json]]:
    return [ask for ask in found if isinstance(ask, dict)] if isinstance(found, list) else []


def _row(ask: dict[str, Json]) -> tuple[str, ...]:
    rules = ask.get("rules")
    shown = ",".join(map(str, rules)) if isinstance(rules, list) and rules else "-"
    age = f"{ask.get('age_seconds')} s"
    cells = (ask.get("code"), age, ask.get("client"), ask.get("project") or "-", shown, ask.get("text"))
    return tuple(visible(str(cell)) for cell in cells)


COMMAND = Command(
    "asks",
    "list the calls that wait for a person, with the codes that permit each of them once",
    "security-hooks asks",
    add_arguments,
    run,
)
