"""The sockets that launchd holds for us (`launch_activate_socket(3)`), through its C function: it has no other door."""

import ctypes
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from security_hooks.model.failure import StartupError
from security_hooks.service.origin import LAUNCHD_LABEL

SOCKET_NAME = "hook"
_LIBRARY = "/usr/lib/libSystem.B.dylib"


def launchd_sockets(
    environment: Mapping[str, str],
    load: Callable[[str], Any] = ctypes.CDLL,
    take: Callable[..., socket.socket] = socket.socket,
) -> tuple[socket.socket, ...]:
    """The sockets that our property list names; none where launchd has not started us.

    `load` and `take` stand for the system's library and for making a socket of a descriptor.
    """
    if environment.get("XPC_SERVICE_NAME") != LAUNCHD_LABEL:
        return ()
    try:
        library = load(_LIBRARY)
    except OSError:
        return ()
    descriptors = ctypes.POINTER(ctypes.c_int)()
    count = ctypes.c_size_t(0)
    error = library.launch_activate_socket(SOCKET_NAME.encode(), ctypes.byref(descriptors), ctypes.byref(count))
    if error:
        raise StartupError(f"launchd gives us no socket ({os.strerror(error)}); run `security-hooks service install`")
    found = [descriptors[i] for i in range(count.value)]
    library.free(descriptors)
    return tuple(take(fileno=descriptor) for descriptor in found)
