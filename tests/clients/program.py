"""What the suite must know of a client program to run it without anybody, in directories of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.conversation import Call, Turn, Wire

MCP_SERVER = "demo"
PROMPT = "Do what the script says."


@dataclass(frozen=True, slots=True)
class Tools:
    """The client's own tools; None where it has no such tool, and `missing` says what it has instead.

    `delegate` starts an agent and waits for it, whose own script ends with `finish`.
    """

    shell: Callable[[str], Call]
    serve: Callable[[str, Path], Call]
    read: Callable[[Path], Call]
    write: Callable[[Path, str], Call] | None = None
    edit: Callable[[Path, str, str], Call] | None = None
    patch: Callable[[str], Call] | None = None
    script: Callable[[str], Call] | None = None
    terminal: Callable[[str], tuple[Turn, ...]] | None = None
    delegate: tuple[Turn, ...] = ()
    finish: tuple[Call, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


def _as_it_is(home: Path, tool: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Program:
    """`configure` writes the client's settings, without any hook; `command` follows the program's path.

    `settings` is the file in a home or a project that the client takes settings from, `switching_off` what would switch
    off hooks there; `outage` is what its person is shown of a guard that does not answer. `offer` makes it offer a tool
    that it otherwise would not. `asking` are an argument and its stand-in where the client shall ask before it runs
    anything.
    """

    name: str
    package: str
    version: str
    binary: str
    wire: Wire
    tools: Tools
    configure: Callable[[Path, str, tuple[str, ...]], None]
    command: tuple[str, ...]
    environment: Callable[[Path, str], dict[str, str]]
    settings: str
    switching_off: str
    offer: Callable[[Path, str], None] = _as_it_is
    asking: tuple[str, str] | None = None
    watches: bool = False
    outage: str = "start it with `security-hooks start`"
    readable: str = "note.txt"
