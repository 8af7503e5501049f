"""Whose daemon a command speaks to that may run under sudo: the one of the person who typed it."""

import os
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.service.directories import default_socket
from security_hooks.service.inquiry import socket_path


def invoker() -> int | None:
    """The user who runs this by sudo; None without sudo."""
    told = os.environ.get("SUDO_UID", "")
    return int(told) if os.getuid() == 0 and told.isascii() and told.isdigit() and int(told) else None


def socket_of_invoker(given: Path | None) -> Path:
    """`--socket`, else where the shim of that user looks; raises StartupError where no home directory is known."""
    user = invoker()
    if given is not None or user is None:
        return socket_path(given)
    path = default_socket(user)
    if path is None:
        raise StartupError("who runs this has no home directory in /etc/passwd; give --socket PATH", 64)
    return path
