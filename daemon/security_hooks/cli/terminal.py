"""The terminal that a person decides at: what decides about the guard asks for it, whatever its streams are."""

import os
from pathlib import Path

from security_hooks.cli.command import Exit
from security_hooks.model.failure import StartupError
from security_hooks.service.person import objection

TERMINAL = Path("/dev/tty")


def require_person(what: str) -> None:
    """Raises StartupError (64) where this process has no terminal, or an agent stands above it."""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        raise StartupError(f"{what} is for a person: run it in a terminal of your own", Exit.USAGE) from None
    refused = objection(os.getpid())
    if refused is not None:
        raise StartupError(f"{what} is for a person: {refused}", Exit.USAGE)


def typed(prompt: str) -> str:
    """A line that the person types at the terminal, empty where there is none."""
    try:
        # Unbuffered bytes: a terminal cannot be sought, as a stream that is read and written would be.
        with TERMINAL.open("r+b", buffering=0) as terminal:
            terminal.write(prompt.encode())
            return terminal.readline().decode("utf-8", "replace").strip()
    except OSError as error:
        raise StartupError(f"the terminal cannot be read: {error.strerror}", Exit.USAGE) from None
