"""Whether a process is a person's: it has a terminal, and none of its ancestors is an agent.

Asked of whoever wants to decide about the guard. What /proc tells is all that is known: a process that leaves its
parents behind and makes a terminal of its own is not told from a person's (docs/asks.md says so).
"""

from dataclasses import dataclass
from pathlib import Path

from security_hooks.clients import CLIENTS
from security_hooks.service.processes import PROC, Process, ancestors, is_told, read_process, words_of

# Programs whose first operand says what they really are.
RUNTIMES = frozenset({"node", "nodejs", "bun", "deno"})
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


def objection(pid: int, proc: Path = PROC) -> str | None:
    """Why the process is not taken for a person's, None where nothing says so. `pid` 0 is one that is not known.

    Where there is no /proc at all (macOS) nothing is known of anybody, and the command's own check is what there is.
    """
    if not is_told(proc):
        return None
    process = read_process(pid, proc)
    if process is None:
        return "the system does not tell who asks"
    if process.terminal == 0:
        return "only a person decides this, in a terminal of their own"
    for ancestor in (process, *ancestors(process, proc)):
        agent = agent_of(ancestor, proc)
        if agent is not None:
            return f"only a person decides this, and process {ancestor.pid} above is {agent}"
    return None


def client_processes(pid: int, proc: Path = PROC) -> tuple[ClientProcess, ...]:
    """The clients among a process and its ancestors, the nearest first; none where the system does not tell."""
    process = read_process(pid, proc) if pid > 0 else None
    chain = () if process is None else (process, *ancestors(process, proc))
    named = ((steps, above, agent_of(above, proc)) for steps, above in enumerate(chain))
    return tuple(
        ClientProcess(steps, above.pid, above.begun, agent) for steps, above, agent in named if agent is not None
    )


def agent_of(process: Process, proc: Path = PROC) -> str | None:
    """The client that the process is, by the names of its program, of its script and of the script's package."""
    words = words_of(process.pid, proc) or ("",)
    program = Path(words[0]).name
    names = [process.name, program]
    if program in RUNTIMES:
        script = Path(next(iter(words[script_at(words) :]), ""))
        names += [script.stem, *script.parts[:-1]]
    return next((_AGENTS[name] for name in names if name in _AGENTS), None)


def script_at(words: tuple[str, ...]) -> int:
    """Where a runtime's command line names its script; the end where it names none."""
    return next((at for at, word in enumerate(words) if at > 0 and word and not word.startswith("-")), len(words))
