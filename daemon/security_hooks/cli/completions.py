"""`security-hooks completions`: what a shell needs to complete our command lines, made from the parsers themselves."""

import argparse
from collections.abc import Iterator

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.main import parser_for
from security_hooks.clients import CLIENTS
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import ROWS

SHELLS = ("bash", "zsh", "fish")

# What stands for an argument in the usage says what it is.
_FILES = frozenset({"FILE", "PATH"})
_DIRECTORIES = frozenset({"DIR"})
_WORDS = {
    "CLIENT": tuple(client.name for client in CLIENTS),
    "KEY": tuple(".".join(row.path) for row in ROWS),
    "SECTION.LIST": tuple(".".join(row.path) for row in ROWS if isinstance(row, Names)),
}


def script(shell: str) -> str:
    """The completions for one of SHELLS: subcommands, options, choices, files, keys of the configuration."""
    # Not at the top: whoever starts the daemon need not wait for it, or have it.
    import shtab

    parser = parser_for(())
    for action in _actions(parser):
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # the library's way to be told
        elif action.metavar in _DIRECTORIES:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]  # the library's way to be told
        elif isinstance(action.metavar, str) and action.choices is None:
            action.choices = _WORDS.get(action.metavar)
    text: str = shtab.complete(parser, shell)
    return text.rstrip("\n") + "\n"


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:  # noqa: SLF001 - argparse has no other way to list them
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - nor another name for this
                waiting.extend(action.choices.values())
            else:
                yield action


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell that will read them")


def _run(arguments: argparse.Namespace) -> int:
    print(script(arguments.shell), end="")
    return Exit.OK


COMMAND = Command(
    name="completions",
    summary="print completions of our command lines for a shell",
    example="security-hooks completions bash > ~/.local/share/bash-completion/completions/security-hooks",
    add_arguments=_add_arguments,
    run=_run,
)
