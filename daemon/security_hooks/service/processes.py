"""What /proc tells of a process, as plain values; None for what it does not tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MOST_ANCESTORS = 64


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `terminal` is the number of its controlling terminal, 0 for none; `session` that of its session;
    `begun` is when, in ticks since the start of the machine.
    """

    pid: int
    parent: int
    session: int
    terminal: int
    name: str
    begun: int = 0


def is_told(proc: Path = PROC) -> bool:
    """Whether this system has /proc at all."""
    return (proc / "self/stat").exists()


def read_process(pid: int, proc: Path = PROC) -> Process | None:
    """The process of this number; None where it is gone, or cannot be read."""
    try:
        text = (proc / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name stands in parentheses and may hold anything, these included.
    head, _, tail = text.rpartition(b")")
    fields = tail.split()
    if len(fields) < 5 or not all(field.lstrip(b"-").isdigit() for field in (fields[1], fields[3], fields[4])):
        return None
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    begun = int(fields[19]) if len(fields) > 19 and fields[19].isdigit() else 0
    return Process(pid, int(fields[1]), int(fields[3]), int(fields[4]), name, begun)


def words_of(pid: int, proc: Path = PROC) -> tuple[str, ...]:
    """The command line; empty where it cannot be read."""
    try:
        data = (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(data.decode("utf-8", "replace").removesuffix("\0").split("\0"))


def ancestors(process: Process, proc: Path = PROC) -> Iterator[Process]:
    """The processes above this one, the nearest first, as far as they can be read."""
    above = process.parent
    for _ in range(MOST_ANCESTORS):
        found = read_process(above, proc) if above > 0 else None
        if found is None:
            return
        yield found
        above = found.parent
