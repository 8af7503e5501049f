"""What `install`, `uninstall` and `doctor` share: which clients, whose settings, which machine."""

import argparse
import os
from pathlib import Path

from security_hooks.cli.command import Exit
from security_hooks.install.places import Machine, machine
from security_hooks.model.failure import StartupError
from security_hooks.wiring.table import CLIENTS, Scope, WiredClient


def add_clients(parser: argparse.ArgumentParser) -> None:
    """`CLIENT ... | --all`, `--managed`, `--dry-run`."""
    names = [client.name for client in CLIENTS]
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=", ".join(names))
    parser.add_argument("--all", action="store_true", help="all three, those that are not on this machine yet too")
    parser.add_argument("--managed", action="store_true", help="the machine's settings, which belong to root")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")


def add_root(parser: argparse.ArgumentParser) -> None:
    """`--root DIR`."""
    parser.add_argument("--root", type=Path, metavar="DIR", help="the machine whose files are below this directory")


def wished(arguments: argparse.Namespace) -> tuple[tuple[WiredClient, ...], Scope, Machine]:
    """The clients named, whose settings are to change, and on which machine; raises StartupError."""
    clients, scope, place = _clients_of(arguments), _scope_of(arguments), machine_of(arguments)
    if scope is Scope.USER:
        _refuse_strange_home(place)
    return clients, scope, place


def machine_of(arguments: argparse.Namespace) -> Machine:
    """The machine that we run on, or the one below `--root`."""
    root: Path | None = arguments.root
    if root is not None and not root.is_dir():
        raise StartupError(f"{root} is no directory; make it, or give another --root", Exit.USAGE)
    return machine(root, Path.home(), os.environ)


def _clients_of(arguments: argparse.Namespace) -> tuple[WiredClient, ...]:
    """The clients named; raises StartupError where none or another is."""
    names = [client.name for client in CLIENTS]
    unknown = [name for name in arguments.clients if name not in names]
    if unknown:
        raise StartupError(f"`{unknown[0]}` is no client; there are {', '.join(names)}", Exit.USAGE)
    if not arguments.clients and not arguments.all:
        raise StartupError(f"name a client ({', '.join(names)}) or give --all", Exit.USAGE)
    return tuple(client for client in CLIENTS if arguments.all or client.name in arguments.clients)


def _scope_of(arguments: argparse.Namespace) -> Scope:
    """Whose settings."""
    return Scope.MANAGED if arguments.managed else Scope.USER


def _refuse_strange_home(place: Machine) -> None:
    """Raises StartupError where the home is somebody else's: its files would come to belong to us."""
    try:
        owner = place.home.stat().st_uid
    except OSError:
        return
    if place.root is None and owner != os.geteuid():
        raise StartupError(
            f"{place.home} belongs to another user; run this as that user, or give --managed", Exit.USAGE
        )
