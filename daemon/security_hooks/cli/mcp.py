"""`security-hooks mcp`: the MCP servers that each client sees here, and what a person pinned of them."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.layers import read_here, read_machine
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.visible import visible
from security_hooks.clients import CLIENTS
from security_hooks.dsl.globs import globs
from security_hooks.model.diagnostic import Level, PolicyError
from security_hooks.model.event import Place
from security_hooks.model.failure import StartupError
from security_hooks.model.server import Definition, Pin, decode_pin
from security_hooks.policy.config import build_config
from security_hooks.policy.config_edit_pins import set_pin
from security_hooks.policy.config_types import Config, Layer
from security_hooks.policy.source_layers import FILES
from security_hooks.policy.source_layers import shown as shown_path
from security_hooks.service import directories
from security_hooks.service.offline import real_home
from security_hooks.service.place import find_project
from security_hooks.service.world import LocalWorld
from security_hooks.tools.pins import LARGEST_FILE, digest_of, is_as_pinned, shown
from security_hooks.tools.servers import definitions_in, server_files


@dataclass(frozen=True, slots=True)
class Seen:
    """One server in one file of one client. `definition` is None where it cannot be read, with all of its file where
    the name is empty.
    """

    client: str
    scope: str
    place: str
    name: str
    definition: Definition | None
    state: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Verbs and options of `mcp`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, summary, work in (
        ("list", "print the servers that each client sees here", _list),
        ("check", "compare them with what is pinned and known", _check),
        ("pin", "pin a server as it is defined now, in your config.toml", _pin),
    ):
        verb = verbs.add_parser(name, help=summary, description=summary)
        add_policy(verb)
        add_state(verb)
        add_json(verb)
        verb.add_argument("--client", choices=[client.name for client in CLIENTS], help="only as this client sees them")
        verb.set_defaults(verb=work)
        if name == "pin":
            verb.add_argument("name", metavar="NAME", help="the server, as `mcp list` prints it")
            verb.add_argument(
                "--file", type=Path, metavar="PATH", help="pin this file's content too, such as its script"
            )
            verb.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Run one verb. `check` ends in 1 where a server is not as it should be."""
    verb: Callable[[argparse.Namespace], int] = arguments.verb
    return verb(arguments)


def _list(arguments: argparse.Namespace) -> int:
    rows = list(_seen(arguments, _config(arguments)))
    _print(arguments, rows, "no client defines an MCP server here")
    return Exit.OK


def _check(arguments: argparse.Namespace) -> int:
    config = _config(arguments)
    rows = [row for row in _seen(arguments, config) if row.state not in {"pinned", "known"}]
    _print(arguments, rows, "every MCP server here is as it should be")
    return Exit.NO if rows else Exit.OK


def _pin(arguments: argparse.Namespace) -> int:
    found = {
        msgspec.structs.replace(row.definition, place=""): row
        for row in _seen(arguments, _config(arguments))
        if row.name == arguments.name and row.definition is not None
    }
    if not found:
        raise StartupError(f"no client defines an MCP server `{visible(arguments.name)}` here", Exit.USAGE)
    if len(found) > 1:
        for row in found.values():
            print(_line(row), file=sys.stderr)
        raise StartupError("it is defined in several ways; take one with --client, or mend the others", Exit.USAGE)
    (definition,) = found
    pin = Pin(
        name=arguments.name,
        command=definition.command,
        args=definition.args,
        url=definition.url,
        cwd=definition.cwd,
        env=definition.env or (),
        **_file_of(arguments.file),
    )
    if not arguments.yes and not _is_agreed(pin):
        print("not pinned", file=sys.stderr)
        return Exit.NO
    return _write(arguments, pin)


def _is_agreed(pin: Pin) -> bool:
    if not sys.stdin.isatty():
        raise StartupError("only a person at a terminal can pin a server; or give --yes", Exit.USAGE)
    print(f"Pin {visible(pin.name)} as {visible(shown(pin))}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _file_of(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        real = path.resolve(strict=True)
        if real.stat().st_size > LARGEST_FILE:
            raise StartupError(f"{path} has more than {LARGEST_FILE >> 20} MiB", Exit.USAGE)
        return {"file": shown_path(real), "sha256": digest_of(real.read_bytes())}
    except OSError as error:
        raise StartupError(f"cannot read {path}: {error.strerror}", Exit.USAGE) from error


def _write(arguments: argparse.Namespace, pin: Pin) -> int:
    path = directories.config_dir(arguments.config_dir) / FILES[0]
    layers = read_machine(arguments).layers
    name = shown_path(path)
    mine = next((layer for layer in layers if layer.path == name), Layer("user", name, b""))
    edited = set_pin(mine.text.decode("utf-8"), name, pin)
    after = Layer("user", name, edited.encode())
    _, diagnostics = build_config([*(layer for layer in layers if layer.path != name), after])
    errors = tuple(found for found in diagnostics if found.level is Level.ERROR)
    if errors:
        raise PolicyError(errors)
    replace_file(path, after.text)
    if arguments.json:
        print(json.dumps({"path": name, "pin": msgspec.to_builtins(pin)}, indent=2))
    else:
        print(f"{visible(pin.name)} is pinned in {name}: {visible(shown(pin))}")
    return Exit.OK


def _config(arguments: argparse.Namespace) -> Config:
    config, diagnostics = build_config(read_here(arguments).layers)
    errors = tuple(found for found in diagnostics if found.level is Level.ERROR)
    if errors:
        raise PolicyError(errors)
    return config


def _seen(arguments: argparse.Namespace, config: Config) -> Iterator[Seen]:
    home = real_home()
    cwd = str(Path.cwd())
    place = Place(cwd, home, find_project(cwd, home))
    world = LocalWorld()
    known = globs(config.lists["mcp_allowed"])
    pins = {pin.name: pin for text in config.lists["mcp_pins"] if (pin := decode_pin(text)) is not None}
    for client in CLIENTS:
        if arguments.client not in {None, client.name}:
            continue
        for file in server_files(client.name, place, world):
            if file.servers is None:
                yield Seen(client.name, file.scope, file.place, "", None, "unreadable")
            for name, definition in definitions_in(file):
                pin = pins.get(name)
                is_known = not config.lists["mcp_allowed"] or known.match(name)
                state = _state(world, definition, pin, is_known=is_known)
                yield Seen(client.name, file.scope, file.place, name, definition, state)


def _state(world: LocalWorld, definition: Definition | None, pin: Pin | None, *, is_known: bool) -> str:
    """In a word, how a server stands: the worst that there is to say."""
    if definition is None:
        return "unreadable"
    if pin is not None and not is_as_pinned(definition, pin):
        return "differs"
    if pin is not None and pin.sha256:
        content = world.read(pin.file, LARGEST_FILE)
        if content is None or digest_of(content) != pin.sha256:
            return "changed"
    if not is_known:
        return "unknown"
    return "known" if pin is None else "pinned"


def _print(arguments: argparse.Namespace, rows: list[Seen], nothing: str) -> None:
    if arguments.json:
        print(json.dumps({"servers": [_as_json(row) for row in rows]}, indent=2))
        return
    for row in rows:
        print(_line(row))
    if not rows:
        print(nothing)


def _line(row: Seen) -> str:
    what = shown(row.definition) if row.definition is not None else "cannot be read"
    return visible(f"{row.state:<10} {row.client:<11} {row.name or '-':<16} {what}  ({row.scope}: {row.place})")


def _as_json(row: Seen) -> dict[str, object]:
    definition = None if row.definition is None else msgspec.to_builtins(row.definition)
    return {
        "client": row.client,
        "scope": row.scope,
        "file": row.place,
        "name": row.name,
        "state": row.state,
        "definition": definition,
    }


COMMAND = Command(
    name="mcp",
    summary="list, check and pin MCP servers",
    example="security-hooks mcp pin github",
    add_arguments=add_arguments,
    run=run,
)
