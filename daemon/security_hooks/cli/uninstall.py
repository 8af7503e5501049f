"""`security-hooks uninstall`: takes our hooks out of the clients' settings, and nothing else."""

import argparse

from security_hooks.cli.changes import print_json, show, told, write
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json
from security_hooks.cli.visible import visible
from security_hooks.cli.wiring_options import add_clients, add_root, wished
from security_hooks.install.plan import plan_uninstall


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `uninstall`."""
    add_clients(parser)
    add_root(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: no hook of ours is left there."""
    clients, scope, machine = wished(arguments)
    changes = [change for client in clients for change in plan_uninstall(machine, client.name, scope)]
    if not arguments.dry_run:
        write(changes)
    if arguments.json:
        print_json(changes, {"written": not arguments.dry_run})
        return Exit.OK
    show(changes)
    for change in changes if not arguments.dry_run else ():
        print(visible(told(change)))
    if not changes:
        print("nothing to change: no hook of ours is there")
    return Exit.OK


COMMAND = Command(
    "uninstall",
    "take our hooks out of the settings of the AI coding agents",
    "security-hooks uninstall --all --dry-run",
    add_arguments,
    run,
)
