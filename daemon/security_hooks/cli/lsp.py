"""`security-hooks lsp`: the language server for `.rules` files, over standard input and output.

It needs `pygls`, which nothing else does: an optional part of the installation.
"""

import argparse
from importlib.util import find_spec

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_policy, add_state
from security_hooks.model.failure import StartupError

NEEDED = "pygls"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_policy(parser)
    add_state(parser)
    # What clients of the protocol pass to every server; there is no other way to talk to this one.
    parser.add_argument("--stdio", action="store_true", help="talk over standard input and output (it always does)")


def _run(arguments: argparse.Namespace) -> int:
    """0 when the editor has left; raises StartupError (64) where the language server is not installed."""
    if find_spec(NEEDED) is None:
        message = (
            "the language server needs `pygls`: install the extra `lsp`, as with `pip install 'security-hooks[lsp]'`"
        )
        raise StartupError(message, Exit.USAGE)
    # Only here, because it is there only with the extra, and no other command should wait for it.
    from security_hooks.cli.lsp_server import serve

    serve(arguments)
    return Exit.OK


COMMAND = Command(
    name="lsp",
    summary="the language server for .rules files, for editors (docs/editors.md)",
    example="security-hooks lsp",
    add_arguments=_add_arguments,
    run=_run,
)
