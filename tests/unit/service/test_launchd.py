import ctypes
import errno
from typing import Any

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service.launchd import SOCKET_NAME, launchd_sockets
from security_hooks.service.origin import LAUNCHD_LABEL

STARTED = {"XPC_SERVICE_NAME": LAUNCHD_LABEL}


class FakeLibrary:
    """libSystem, as far as it is asked: gives `descriptors`, or fails with `error`."""

    def __init__(self, descriptors: tuple[int, ...] = (), error: int = 0) -> None:
        self.array = (ctypes.c_int * max(1, len(descriptors)))(*descriptors)
        self.count = len(descriptors)
        self.error = error
        self.asked: list[bytes] = []
        self.freed = 0

    def launch_activate_socket(self, name: bytes, descriptors: Any, count: Any) -> int:
        self.asked.append(name)
        if not self.error:
            descriptors._obj.contents = self.array
            count._obj.value = self.count
        return self.error

    def free(self, descriptors: Any) -> None:
        self.freed += 1


def take(*, fileno: int) -> Any:
    return f"socket of {fileno}"


def test_the_sockets_of_the_property_list_are_taken() -> None:
    library = FakeLibrary((5, 6))
    assert list(map(str, launchd_sockets(STARTED, lambda _: library, take))) == ["socket of 5", "socket of 6"]
    assert (library.asked, library.freed) == ([SOCKET_NAME.encode()], 1)


def test_whoever_launchd_has_not_started_does_not_ask() -> None:
    library = FakeLibrary((5,))
    assert launchd_sockets({}, lambda _: library, take) == ()
    assert launchd_sockets({"XPC_SERVICE_NAME": "another"}, lambda _: library, take) == ()
    assert library.asked == []


def test_launchd_without_a_socket_for_us_is_one_clear_sentence() -> None:
    with pytest.raises(StartupError, match="service install"):
        launchd_sockets(STARTED, lambda _: FakeLibrary(error=errno.ESRCH), take)


def test_where_there_is_no_launchd_there_are_no_sockets() -> None:
    def load(path: str) -> Any:
        raise OSError(path)

    assert launchd_sockets(STARTED, load, take) == ()
