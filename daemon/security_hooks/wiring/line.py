"""The command line that a client runs for each hook event, and how one of ours is known again."""

import re
import shlex
from dataclasses import dataclass, replace

from security_hooks.wiring.table import HELD_SECONDS, SHIM

# Clients replace `$NAME` in their settings before any shell sees it; quotes and controls would need each format's own
# escapes. No path that an installation has holds any of these.
_UNSAFE = re.compile(r"[^A-Za-z0-9/._@+,:=~ -]")
_ID = re.compile(r"--id[\s\"',]+([0-9a-f]{8,64})\b")


@dataclass(frozen=True, slots=True)
class HookLine:
    """What a hook line is made of; paths are absolute.

    `timeout` is the program that ends a shim which has been stopped. With `socket` None the shim finds the socket of
    whoever runs it. `start` are the words of a command that has a daemon running, for when a session starts; or none.
    """

    shim: str
    socket: str | None
    id: str
    observe: bool = False
    timeout: str | None = None
    start: tuple[str, ...] = ()

    def with_id(self, known: str) -> "HookLine":
        """The same with this random part."""
        return replace(self, id=known)

    def words(self, client: str) -> tuple[str, ...]:
        """Program and arguments."""
        socket = () if self.socket is None else ("--socket", self.socket)
        return (self.shim, client, *socket, "--id", self.id, *(("--observe",) if self.observe else ()))

    def shell(self, client: str, *, held: bool = False) -> str:
        """The same for a shell, each path quoted; `held` puts it under `timeout` where there is that program."""
        prefix = (self.timeout, "-k", "1", str(HELD_SECONDS)) if held and self.timeout is not None else ()
        return shlex.join((*prefix, *self.words(client)))

    def behind_start(self, command: str) -> str:
        """A shell line that runs the command once there is a daemon, as far as there can be one."""
        return f"{shlex.join(self.start)} </dev/null >/dev/null 2>&1; {command}" if self.start else command


def unsafe_in(path: str) -> str | None:
    """The first character that cannot stand in a hook line; None where all can."""
    found = _UNSAFE.search(path)
    return None if found is None else found[0]


def is_ours(strings: tuple[str, ...]) -> bool:
    """Whether these strings of a hook, its command and arguments, run our shim."""
    return any(SHIM in string for string in strings)


def id_in(text: str) -> str | None:
    """The random part of the first hook line of ours in a settings text."""
    found = _ID.search(text)
    return None if found is None else found[1]
