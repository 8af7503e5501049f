"""Where the daemon gets its socket: kept over a restart, passed by the service manager, or bound anew."""

import os
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.service.handover import kept_socket
from security_hooks.service.launchd import launchd_sockets
from security_hooks.service.listener import Listener, adopt, listen
from security_hooks.service.notify import inherited_sockets


def serving_socket(path: Path) -> Listener:
    """A listener for this daemon; one that was passed need not be at `path`. Raises StartupError."""
    kept = kept_socket(os.environ, os.getpid())
    if kept is not None:
        kept.socket.setblocking(False)
        return Listener(kept.socket, path, kept.identity, kept.lock)
    inherited = inherited_sockets(os.environ, os.getpid()) or launchd_sockets(os.environ)
    if len(inherited) > 1:
        raise StartupError("more than one socket was passed; the socket unit must name one `ListenStream`")
    return adopt(inherited[0]) if inherited else listen(path, os.getuid())
