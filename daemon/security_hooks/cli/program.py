"""Where our own command is installed: what services and hook lines must name."""

import sys
from pathlib import Path

from security_hooks.install.bundle import reinstall
from security_hooks.model.failure import StartupError


def program() -> Path:
    """The absolute path of `security-hooks`, beside the interpreter that runs us; raises StartupError."""
    # Not resolved: the interpreter of a virtual environment is a link out of it.
    found = Path(sys.executable).with_name("security-hooks")
    if not found.is_file():
        raise StartupError(f"{found} is missing; to mend it: {reinstall()}")
    return found
