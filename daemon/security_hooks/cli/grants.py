"""`security-hooks grants`: what a person has granted for a while; one more of it, or one less."""

import argparse
import json
import os
from pathlib import Path

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.sudo import invoker, socket_of_invoker
from security_hooks.cli.table import table
from security_hooks.cli.terminal import require_person
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.policy.grant_words import WHATS, read_wish
from security_hooks.service import wire
from security_hooks.service.inquiry import ask_json

_HEAD = ("id", "left", "by", "project", "grant")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `grants`."""
    add_socket(parser)
    add_json(parser)
    verbs = parser.add_subparsers(dest="verb", metavar="add|revoke")
    add = verbs.add_parser(
        "add",
        help="grant something in a project for a while",
        description="grant something in a project for a while",
        epilog='example: security-hooks grants add "allow push 10m"',
    )
    known = ", ".join(what.word for what in WHATS)
    add.add_argument("words", nargs="+", metavar="WORDS", help=f"`allow push 10m`; what there is: {known}")
    add.add_argument("--project", type=Path, metavar="DIR", help="a directory in the project (default: this one)")
    revoke = verbs.add_parser(
        "revoke",
        help="end a grant",
        description="end a grant",
        epilog="example: security-hooks grants revoke K7M2",
    )
    revoke.add_argument("id", metavar="ID", help="as `security-hooks grants` lists it")
    for verb in (add, revoke):
        add_socket(verb)
        add_json(verb)


def run(arguments: argparse.Namespace) -> int:
    """0 done; 1 it is not granted, or there is no such grant; 64 not from a person's terminal, 69 without a daemon."""
    path = socket_of_invoker(arguments.socket)
    match arguments.verb:
        case "add":
            return _add(path, arguments)
        case "revoke":
            return _revoke(path, arguments)
        case _:
            return _list(path, arguments)


def _list(path: Path, arguments: argparse.Namespace) -> int:
    answer = ask_json(path, wire.GRANTS, "grants", owner=invoker())
    found = answer["grants"]
    grants = [grant for grant in found if isinstance(grant, dict)] if isinstance(found, list) else []
    if arguments.json:
        print(json.dumps(grants, indent=2))
    elif not grants:
        print('nothing is granted; `security-hooks grants add "allow push 10m"` would, in this project')
    else:
        for line in table([_HEAD, *map(_row, grants)]):
            print(line)
    return Exit.OK


def _add(path: Path, arguments: argparse.Namespace) -> int:
    require_person("`security-hooks grants add`")
    text = _line(arguments.words)
    wish = read_wish(text)
    if isinstance(wish, str):
        raise StartupError(wish, Exit.USAGE)
    directory = os.path.realpath(arguments.project or Path.cwd())
    payload = json.dumps({"text": text, "directory": directory}).encode()
    answer = ask_json(path, wire.GRANT, "granted", "refused", payload=payload, owner=invoker())
    return _said(answer, "granted", arguments)


def _revoke(path: Path, arguments: argparse.Namespace) -> int:
    require_person("`security-hooks grants revoke`")
    identity: str = arguments.id
    if not (identity.isascii() and identity.isalnum()):
        raise StartupError("that is no id: `security-hooks grants` lists them", Exit.USAGE)
    answer = ask_json(path, wire.REVOKE, "revoked", "refused", payload=identity.encode("ascii"), owner=invoker())
    return _said(answer, "revoked", arguments)


def _said(answer: dict[str, Json], done: str, arguments: argparse.Namespace) -> int:
    if "refused" in answer and not answer.get("unknown"):
        raise StartupError(str(answer["refused"]), Exit.USAGE)
    if arguments.json:
        print(json.dumps(answer, indent=2))
    elif "refused" in answer:
        print(visible(str(answer["refused"])))
    else:
        told = answer[done]
        shown = f"{told.get('said')} in {told.get('project')} ({told.get('id')})" if isinstance(told, dict) else told
        left = f", for {told.get('seconds_left')} s" if isinstance(told, dict) else ""
        print(visible(f"{done}: {shown}{left}"))
    return Exit.NO if "refused" in answer else Exit.OK


def _line(words: list[str]) -> str:
    """The words as one line: a shell has taken the quotes from an argument of several words."""
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{word}"' if " " in word else word for word in words)


def _row(grant: dict[str, Json]) -> tuple[str, ...]:
    cells = (
        grant.get("id"),
        f"{grant.get('seconds_left')} s",
        grant.get("by"),
        grant.get("project"),
        grant.get("said"),
    )
    return tuple(visible(str(cell)) for cell in cells)


COMMAND = Command(
    "grants",
    "list what a person has granted for a while; `add` grants, `revoke` takes back",
    'security-hooks grants add "allow push 10m"',
    add_arguments,
    run,
)
