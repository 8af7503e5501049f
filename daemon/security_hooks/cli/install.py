"""`security-hooks install`: puts our hooks into the clients' settings, and says what stays open."""

import argparse
import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from security_hooks.cli.changes import print_json, show, told, write
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_socket, add_state
from security_hooks.cli.program import program
from security_hooks.cli.visible import visible
from security_hooks.cli.wiring_options import add_clients, add_root, wished
from security_hooks.install.bundle import reinstall
from security_hooks.install.files import changeable
from security_hooks.install.inspection import report_of, settings_of
from security_hooks.install.places import Machine
from security_hooks.install.plan import Change, Wish, plan_install
from security_hooks.install.version import Present, present
from security_hooks.model.failure import StartupError
from security_hooks.policy.source_layers import FILES
from security_hooks.service.directories import SYSTEM_DIR, config_dir, state_dir
from security_hooks.service.examination import find_shim
from security_hooks.service.inquiry import socket_path
from security_hooks.service.load import policy_directories
from security_hooks.service.observing import says_observe
from security_hooks.wiring.limits import limits_of
from security_hooks.wiring.line import HookLine, unsafe_in
from security_hooks.wiring.table import Scope, WiredClient

ID_BYTES = 16
_CLEAN = ("/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `install`."""
    add_clients(parser)
    parser.add_argument("--observe", action="store_true", help="let calls run where the guard fails: for trying out")
    parser.add_argument(
        "--start", action="store_true", help="sessions start the daemon, where no service keeps it running"
    )
    parser.add_argument(
        "--shim", type=Path, metavar="PATH", help="the shim's path on that machine (default: the one here)"
    )
    add_socket(parser)
    add_policy(parser)
    add_state(parser)
    add_root(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: installed, or nothing to do; 1: written, but something else switches our hooks off. All is planned first."""
    clients, scope, machine = wished(arguments)
    line = _line(arguments, scope, machine)
    found = {client.name: present(client, machine) for client in clients}
    changes: list[Change] = []
    for client in clients:
        here = found[client.name]
        wish = Wish(line, None if here is None else here.version, secrets.token_hex(ID_BYTES))
        changes += plan_install(machine, client.name, scope, wish)
    if not arguments.dry_run:
        write(changes)
    remarks = [remark for client in clients for remark in _remarks(client, found[client.name])]
    if scope is Scope.MANAGED and not arguments.dry_run:
        remarks += _weak(line.shim)
    remarks += _bound(arguments, scope, machine)
    off = [] if arguments.dry_run else [text for client in clients for text in _not_in_force(machine, client.name)]
    limits = [limit for client in clients for limit in limits_of(client.name, scope)]
    if arguments.json:
        told_limits = [{"client": limit.client, "open": limit.what, "advice": limit.advice} for limit in limits]
        print_json(changes, {"written": not arguments.dry_run, "remarks": remarks, "off": off, "limits": told_limits})
        return Exit.NO if off else Exit.OK
    show(changes)
    for change in changes if not arguments.dry_run else ():
        print(visible(told(change)))
    if not changes:
        print("nothing to change: installed already")
    for remark in remarks:
        print(visible(f"note: {remark}"))
    for client in clients:
        print(f"{client.title}: what these hooks cannot close")
        for limit in limits_of(client.name, scope):
            print(f"  - {limit.what}: {limit.advice}")
    for text in off:
        print(visible(f"NOT IN FORCE: {text}"))
    print("see that calls are blocked: `security-hooks doctor`; sessions that run already keep the settings they have")
    return Exit.NO if off else Exit.OK


def _not_in_force(machine: Machine, client: str) -> list[str]:
    """Why the client will not run what was installed, by its other settings."""
    report = report_of(client, settings_of(machine, client, None))
    return [] if report.hook is not None else [f"{client}: {report.why_off()}"]


def _line(arguments: argparse.Namespace, scope: Scope, machine: Machine) -> HookLine:
    given: Path | None = arguments.shim
    shim = given if given is not None else find_shim()
    if shim is None:
        raise StartupError(f"the shim is not installed; to mend it: {reinstall()}", Exit.INTERNAL)
    # Every user of the machine has a daemon and a socket of his own, which the shim finds without being told.
    told = arguments.socket is not None or scope is Scope.USER
    socket = str(socket_path(arguments.socket)) if told else None
    path = str(shim) if given is not None else os.path.realpath(shim)
    if not arguments.start and (arguments.state_dir or arguments.config_dir or arguments.rules):
        raise StartupError("--state-dir, --config-dir and --rules are for the daemon that --start starts", Exit.USAGE)
    start = _start(arguments, scope, machine, socket) if arguments.start else ()
    for what in (path, socket or "/", *start):
        character = unsafe_in(what)
        if character is not None or (what not in start and not what.startswith("/")):
            why = "is not absolute" if character is None else f"holds {character!a}"
            raise StartupError(f"{what!a} {why}, so it cannot stand in a hook line; give another path", Exit.USAGE)
    return HookLine(path, socket, "", arguments.observe, shutil.which("timeout", path="/usr/bin:/bin"), start)


def _start(arguments: argparse.Namespace, scope: Scope, machine: Machine, socket: str | None) -> tuple[str, ...]:
    """What a session runs to have a daemon. All is said here: variables could be those of the session's project."""
    if scope is Scope.MANAGED or socket is None:
        why = "--start is for one person's settings; for all have the service installed: "
        raise StartupError(why + "`security-hooks service install --all-users`", Exit.USAGE)
    words = [*_CLEAN, f"HOME={machine.home}", str(program()), "start", "--socket", socket]
    words += ["--state-dir", str(state_dir(arguments.state_dir).absolute())]
    words += ["--config-dir", str(config_dir(arguments.config_dir).absolute())]
    words += ["--rules", str(arguments.rules.absolute())] if arguments.rules is not None else []
    return tuple(words)


def _remarks(client: WiredClient, here: Present | None) -> list[str]:
    tested = ".".join(map(str, client.tested))
    if here is None:
        return [f"{client.title} is not on this machine; its hooks are for when it comes (tried with {tested})"]
    if here.version is None:
        return [f"the version of {client.title} is not known; its hooks were tried with {tested}"]
    version = ".".join(map(str, here.version))
    if client.blocks_since is not None and here.version < client.blocks_since:
        since = ".".join(map(str, client.blocks_since))
        return [
            f"{client.title} {version} blocks on a failing hook only from {since} on: it gets a shell line; upgrade it"
        ]
    if here.version < client.tested:
        return [f"{client.title} {version} is older than {tested}, with which its hooks were tried; upgrade it"]
    return []


def _bound(arguments: argparse.Namespace, scope: Scope, machine: Machine) -> list[str]:
    """Whether verdicts bind is for the policy to say, not for a hook line: a person is told where both differ."""
    system, user = (machine.on_disk(place) for place in (SYSTEM_DIR, config_dir(None)))
    given = policy_directories(arguments.config_dir or user, arguments.rules, None)
    file = arguments.config_dir or (SYSTEM_DIR if scope is Scope.MANAGED else config_dir(None))
    setting = f'`mode = "observe"` in {file / FILES[0]}'
    if says_observe(replace(given, system=str(system))):
        return [f"the policy only observes, so nothing is denied; verdicts bind without {setting}"]
    if not arguments.observe:
        return []
    return [f"with --observe calls run where the guard does not answer; what it denies is blocked without {setting}"]


def _weak(shim: str) -> list[str]:
    """Managed hooks are worth what protects the program that they run."""
    path = changeable(Path(shim))
    if path is None:
        return []
    return [f"{path} can be changed by others than root, and so the shim; install security-hooks for the machine"]


COMMAND = Command(
    "install",
    "put our hooks into the settings of the AI coding agents",
    "security-hooks install --all; security-hooks install claude-code --dry-run; security-hooks install --all --start",
    add_arguments,
    run,
)
