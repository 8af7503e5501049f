"""What the suite must know of a client program to run it without anybody, in directories of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.conversation import Call, Wire

MCP_SERVER = "demo"
PROMPT = "Do what the script says."


@dataclass(frozen=True, slots=True)
class Tools:
    """The client's own tools; None where it has no such tool, and `missing` says what it has instead."""

    shell: Callable[[str], Call]
    serve: Callable[[str, Path], Call]
    read: Callable[[Path], Call]
    write: Callable[[Path, str], Call] | None = None
    edit: Callable[[Path, str, str], Call] | None = None
    patch: Callable[[str], Call] | None = None
    script: Callable[[str], Call] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program:
    """`configure` writes the client's settings, without any hook; `command` follows the program's path."""

    name: str
    package: str
    version: str
    binary: str
    wire: Wire
    tools: Tools
    configure: Callable[[Path, str, tuple[str, ...]], None]
    command: tuple[str, ...]
    environment: Callable[[Path, str], dict[str, str]]
    readable: str = "note.txt"
