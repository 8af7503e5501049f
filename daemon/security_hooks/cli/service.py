"""`security-hooks service`: have systemd or launchd keep the daemon running."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_socket, add_state
from security_hooks.cli.program import program
from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status, socket_path
from security_hooks.service.offline import real_home
from security_hooks.service.running import tell
from security_hooks.service.unit_files import (
    Manager,
    ManagerCommand,
    Person,
    Scope,
    UnitFile,
    forget_commands,
    remove,
    start_commands,
    stop_commands,
    unit_files,
    write,
)
from security_hooks.service.units import Installation

_COMMAND_SECONDS = 60
_STOP_SECONDS = 10
_LOOK_SECONDS = 0.02


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Subcommands and options of `service`."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, summary, action in (
        ("install", "write the service's files and start it", _install),
        ("uninstall", "stop the service and remove its files", _uninstall),
        ("status", "say whether the files are there, as they should be, and whether the daemon answers", _status),
    ):
        added = actions.add_parser(
            name, help=summary, description=summary, epilog=f"example: security-hooks service {name} --user"
        )
        whose = added.add_mutually_exclusive_group()
        whose.add_argument(
            "--user",
            dest="scope",
            action="store_const",
            const=Scope.USER,
            default=Scope.USER,
            help="the default",
        )
        whose.add_argument(
            "--all-users", dest="scope", action="store_const", const=Scope.ALL_USERS, help="every user, each their own"
        )
        added.add_argument("--root", type=Path, metavar="DIR", help="files below DIR; no command is run")
        added.add_argument("--manager", choices=[manager.value for manager in Manager], help="default: the system's")
        add_socket(added)
        add_state(added)
        added.add_argument("--config-dir", type=Path, metavar="DIR", help="the user's configuration")
        if action is not _status:
            added.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")
        added.set_defaults(action=action)


def run(arguments: argparse.Namespace) -> int:
    """0: done, or all is as it should be; 1: `status` found something amiss."""
    return int(arguments.action(arguments))


def _install(arguments: argparse.Namespace) -> int:
    changed = [file for file in _files(arguments) if file.present() != file.content]
    for file in changed:
        print(file.diff(file.content).rstrip("\n"))
    manager = _manager(arguments)
    if not arguments.dry_run:
        for file in changed:
            write(file)
        if arguments.root is None and arguments.scope is Scope.USER:
            _make_way(socket_path(arguments.socket), manager)
    if not changed:
        print("the files are as they should be")
    return _carry_out(arguments, start_commands(manager, arguments.scope, _person(arguments), changed))


def _uninstall(arguments: argparse.Namespace) -> int:
    files = [file for file in _files(arguments) if file.present() is not None]
    if not files:
        print("nothing to remove")
        return Exit.OK
    manager, scope = _manager(arguments), arguments.scope
    _carry_out(arguments, stop_commands(manager, scope, _person(arguments)))
    for file in files:
        print(f"{'would remove' if arguments.dry_run else 'removed'} {file.path}")
        if not arguments.dry_run:
            remove(file)
    return _carry_out(arguments, forget_commands(manager, scope))


def _status(arguments: argparse.Namespace) -> int:
    is_well = True
    for file in _files(arguments):
        present = file.present()
        state = "missing" if present is None else "as it should be" if present == file.content else "differs"
        is_well &= present == file.content
        print(f"{file.path}: {state}")
    if not is_well:
        print("mend it: security-hooks service install")
    if arguments.root is None:
        try:
            report = ask_status(socket_path(arguments.socket))
            print(f"daemon: pid {report['pid']}, started {report.get('started')}")
        except StartupError as error:
            is_well = False
            print(f"daemon: {error}")
    return Exit.OK if is_well else Exit.NO


def _files(arguments: argparse.Namespace) -> tuple[UnitFile, ...]:
    options: list[str] = []
    for option, given in (("--state-dir", arguments.state_dir), ("--config-dir", arguments.config_dir)):
        options += [option, str(given.absolute())] if given is not None else []
    socket = arguments.socket.absolute() if arguments.socket is not None else None
    installation = Installation(program(), tuple(options), socket)
    root = (arguments.root or Path("/")).absolute()
    return unit_files(_manager(arguments), arguments.scope, _person(arguments), installation, root)


def _manager(arguments: argparse.Namespace) -> Manager:
    if arguments.manager is not None:
        return Manager(arguments.manager)
    return Manager.LAUNCHD if sys.platform == "darwin" else Manager.SYSTEMD


def _person(arguments: argparse.Namespace) -> Person:
    home = Path(real_home())
    xdg = os.environ.get("XDG_CONFIG_HOME", "")
    config = Path(xdg) if xdg.startswith("/") and arguments.root is None else home / ".config"
    return Person(home, config, os.getuid(), socket_path(arguments.socket))


def _make_way(socket: Path, manager: Manager) -> None:
    """Stop a daemon that this manager has not started: it would defend its socket against the manager's."""
    try:
        report = ask_status(socket)
    except StartupError:
        return
    if report.get("started") == manager.value:
        return
    tell(report, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while _still_answers(socket):
        if time.monotonic() > deadline:
            raise StartupError(f"the daemon that was started {report['started']} does not stop; stop it and try again")
        time.sleep(_LOOK_SECONDS)
    print(f"stopped the daemon that was started {report['started']}")


def _still_answers(socket: Path) -> bool:
    try:
        ask_status(socket)
    except StartupError:
        return False
    return True


def _carry_out(arguments: argparse.Namespace, commands: Iterable[ManagerCommand]) -> int:
    """Run the manager's commands, or name them where only files are wanted."""
    wanted = tuple(commands)
    if arguments.dry_run or arguments.root is not None:
        for command in wanted:
            print(f"to be run: {command}")
        return Exit.OK
    for number, command in enumerate(wanted):
        failure = _run(command)
        if failure and not command.may_fail:
            rest = "; ".join(map(str, wanted[number:]))
            raise StartupError(f"`{command}` failed: {failure}; to be run yet: {rest}")
        print(f"ran: {command}")
    return Exit.OK


def _run(command: ManagerCommand) -> str:
    """Run one command; why it failed, or nothing."""
    try:
        done = subprocess.run(
            command.words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else said[-1] if said else f"exit status {done.returncode}"


COMMAND = Command(
    "service",
    "have systemd or launchd keep the daemon running",
    "security-hooks service install --user --dry-run",
    add_arguments,
    run,
)
