"""`security-hooks serve`: the daemon, in the foreground."""

import argparse
import asyncio
import logging
import os
import sys

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.decisions import Decisions
from security_hooks.cli.options import add_policy, add_socket, add_state
from security_hooks.model.decision import Decision
from security_hooks.service.daemon import ServeSettings, serve
from security_hooks.service.directories import state_dir
from security_hooks.service.exchange import Exchange
from security_hooks.service.handover import become_next
from security_hooks.service.inquiry import socket_path
from security_hooks.service.load import policy_directories
from security_hooks.service.offline import real_home
from security_hooks.service.origin import origin_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `serve`."""
    add_socket(parser)
    add_policy(parser)
    add_state(parser)
    parser.add_argument("--decisions", action="store_true", help="print a line for every call answered")
    parser.add_argument("--on-demand", action="store_true", help="say in `status` that `start` has started it")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; SIGUSR2 restarts in place."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="security-hooks: %(levelname)s: %(message)s")
    decisions = Decisions(sys.stdout.fileno()) if arguments.decisions else None
    socket = socket_path(arguments.socket)
    settings = ServeSettings(
        socket=socket,
        policy=policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir, socket),
        state=state_dir(arguments.state_dir).absolute(),
        home=real_home(),
        origin=origin_of(os.environ, os.getpid(), on_demand=arguments.on_demand),
        show=_hide if decisions is None else decisions.show,
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        kept = runner.run(serve(settings))
    if decisions is not None:
        decisions.close()
    if kept is not None:
        become_next(kept, os.environ, sys.orig_argv)
    return Exit.OK


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    """The loop of `uvloop` where it is installed: it is not built for every platform."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


def _hide(exchange: Exchange, decision: Decision) -> None:
    """Nobody watches."""


COMMAND = Command("serve", "run the daemon in the foreground", "security-hooks serve --decisions", add_arguments, run)
