"""The dispatcher: one parser, one table of subcommands, and the only place where errors become exit statuses."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

from security_hooks import __version__
from security_hooks.audit.failure import AuditError
from security_hooks.cli.command import Command, Exit
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.failure import StartupError

# Each is a module of this package with a `COMMAND`; only the one that is asked for is imported, since the daemon
# must be ready in a moment and needs nothing that the others do.
COMMANDS = (
    *("serve", "check", "explain", "rules", "catalogue", "config", "mcp", "trust", "audit", "replay", "diff", "status"),
    *("doctor", "start", "restart", "service", "statusline", "lsp", "docs", "asks", "allow-once", "learn"),
    *("grants", "nap", "wake"),
    *("anomalies", "install", "uninstall", "completions", "man"),
)

# 128 and the number of SIGINT, as shells have it.
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """argparse ends usage errors in 2, which is our `deny`."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand. Nothing a person does ends in a traceback, and no error in 1 or 2."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What a terminal's encoding cannot show is no reason to say nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(words)
    except PolicyError as error:
        _complain(*map(str, error.diagnostics))
        return Exit.POLICY
    except StartupError as error:
        _complain(str(error))
        return error.exit_status
    except AuditError as error:
        _complain(str(error))
        return Exit.INTERNAL
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to complain to.
        _let_go_of_stdout()
        return Exit.INTERNAL
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary to the person: one line instead of a traceback
        _complain(f"internal error: {type(error).__name__}: {error}; please report it")
        return Exit.INTERNAL


def _run(words: Sequence[str]) -> int:
    parser = parser_for(words)
    if not words:
        parser.print_help(sys.stderr)
        return Exit.USAGE
    try:
        arguments = parser.parse_args(words)
        command: Command = arguments.command
        return int(command.run(arguments))
    finally:
        # Here and not when the interpreter ends, where a failure would have an exit status of its own.
        if sys.stdout is not None:
            _flush()


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _let_go_of_stdout()
        raise


def _let_go_of_stdout() -> None:
    """Nobody takes our output; what is buffered must not be tried again when we end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def parser_for(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the subcommand that `words` begin with; without one, of all of them."""
    parser = _Parser(
        prog="security-hooks",
        description="Judge every tool call of AI coding agents before it runs.",
        epilog='example: security-hooks check "rm -rf ~"',
    )
    parser.add_argument("--version", action="version", version=f"security-hooks {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in words[:1] if words and words[0] in COMMANDS else COMMANDS:
        command: Command = import_module(f"security_hooks.cli.{name.replace('-', '_')}").COMMAND
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            epilog=f"example: {command.example}",
        )
        command.add_arguments(subparser)
        subparser.set_defaults(command=command)
    return parser


def _complain(*lines: str) -> None:
    for line in lines:
        print(f"security-hooks: {line}", file=sys.stderr)
