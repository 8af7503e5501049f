"""Whether a process is a person's: it has a terminal, and none of its ancestors is an agent.

Asked of whoever wants to decide about the guard. What /proc tells is all that is known: a process that leaves its
parents behind and makes a terminal of its own is not told from a person's (docs/asks.md says so).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from security_hooks.clients import CLIENTS

PROC = Path("/proc")
MOST_ANCESTORS = 64
# Programs whose first operand says what they really are.
_RUNTIMES = frozenset({"node", "nodejs", "bun", "deno"})
_AGENTS = {program: client.name for client in CLIENTS for program in client.programs}


@dataclass(frozen=True, slots=True)
class ClientProcess:
    """A client among the ancestors of a process, so many `steps` above it; `begun` is when, in ticks since the start
    of the machine.
    """

    steps: int
    pid: int
    begun: int
    name: str


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    terminal: int
    name: str
    begun: int = 0


def objection(pid: int, proc: Path = PROC) -> str | None:
    """Why the process is not taken for a person's, None where nothing says so. `pid` 0 is one that is not known.

    Where there is no /proc at all (macOS) nothing is known of anybody, and the command's own check is what there is.
    """
    if not (proc / "self/stat").exists():
        return None
    process = _read(pid, proc)
    if process is None:
        return "the system does not tell who asks"
    if process.terminal == 0:
        return "only a person decides this, in a terminal of their own"
    for ancestor in _ancestors(pid, process, proc):
        agent = _agent(ancestor, proc)
        if agent is not None:
            return f"only a person decides this, and process {ancestor} above is {agent}"
    return None


def client_processes(pid: int, proc: Path = PROC) -> tuple[ClientProcess, ...]:
    """The clients among a process and its ancestors, the nearest first; none where the system does not tell."""
    found: list[ClientProcess] = []
    for steps, ancestor in enumerate(_ancestors(pid, _read(pid, proc), proc) if pid > 0 else ()):
        agent = _agent(ancestor, proc)
        process = None if agent is None else _read(ancestor, proc)
        if agent is not None and process is not None:
            found.append(ClientProcess(steps, ancestor, process.begun, agent))
    return tuple(found)


def _ancestors(pid: int, process: _Process | None, proc: Path) -> Iterator[int]:
    for _ in range(MOST_ANCESTORS):
        if process is None:
            return
        yield pid
        pid = process.parent
        process = _read(pid, proc) if pid > 0 else None


def _read(pid: int, proc: Path) -> _Process | None:
    try:
        text = (proc / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name stands in parentheses and may hold anything, these included.
    head, _, tail = text.rpartition(b")")
    fields = tail.split()
    if len(fields) < 5 or not (fields[1].isdigit() and fields[4].lstrip(b"-").isdigit()):
        return None
    begun = int(fields[19]) if len(fields) > 19 and fields[19].isdigit() else 0
    return _Process(int(fields[1]), int(fields[4]), head.partition(b"(")[2].decode("utf-8", "replace"), begun)


def _agent(pid: int, proc: Path) -> str | None:
    """The client that the process is, by the names of its program, of its script and of the script's package."""
    process = _read(pid, proc)
    try:
        words = (proc / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        words = [""]
    program = Path(words[0]).name
    names = ["" if process is None else process.name, program]
    if program in _RUNTIMES:
        script = Path(next((word for word in words[1:] if word and not word.startswith("-")), ""))
        names += [script.stem, *script.parts[:-1]]
    return next((_AGENTS[name] for name in names if name in _AGENTS), None)
