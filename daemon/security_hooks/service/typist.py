"""Whether a person typed a prompt: its hook descends straight from a client that somebody sits in front of.

The way up from the hook must be: our shim, the shell that the client runs hook lines in (it may have put `timeout`
between), the client with a terminal, and above that nothing that is a client. What /proc does not tell counts against
it.
"""

import os
from itertools import pairwise
from pathlib import Path

from security_hooks.clients.client import Client
from security_hooks.model.event import HookEvent
from security_hooks.policy.grant_prompt import is_made_up
from security_hooks.service.peer import Peer
from security_hooks.service.person import RUNTIMES, agent_of, script_at
from security_hooks.service.processes import PROC, Process, ancestors, is_told, read_process, words_of

SHIM = "security-hooks-shim"
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "ksh"})
_TERMINALS = ("/dev/pts/", "/dev/tty", "/dev/console")
UNTOLD = "this system does not tell who typed it"


def not_typed(peer: Peer, client: Client, event: HookEvent, proc: Path = PROC) -> str | None:
    """Why the prompt of this event is not taken for one that a person typed; None where nothing says so."""
    if event.agent_id is not None:
        return "another agent sent it"
    if event.prompt is not None and is_made_up(event.prompt):
        return "the client made it up"
    if not is_told(proc):
        return UNTOLD
    shim = read_process(peer.pid, proc)
    if shim is None:
        return UNTOLD
    if _program(peer.pid, proc) != SHIM:
        return "it did not come through the shim"
    above = list(ancestors(shim, proc))
    if not above or above[-1].parent != 0:
        return UNTOLD
    rest = _without_hook_shell(shim, above, proc)
    if not rest or agent_of(rest[0], proc) != client.name:
        return f"no {client.name} sent it itself"
    return _of_client(client, rest, proc)


def _of_client(client: Client, chain: list[Process], proc: Path) -> str | None:
    """The same of the client's own process, the first of a chain of ancestors."""
    typed_at = chain[0]
    if typed_at.terminal == 0:
        return f"{client.name} has no terminal"
    launched = 1
    for below, process in pairwise(chain):
        if not _launched(below, process, proc):
            break
        launched += 1
    agent = next((process for process in chain[launched:] if agent_of(process, proc) is not None), None)
    if agent is not None:
        return f"{client.name} was started by {agent_of(agent, proc)}, process {agent.pid}"
    if any(_is_headless(word, client) for word in _arguments(typed_at, proc)):
        return f"{client.name} runs without a person"
    try:
        at = os.readlink(proc / str(typed_at.pid) / "fd/0")  # noqa: PTH115 - a target that need not be a path
    except OSError:
        return UNTOLD
    return None if at.startswith(_TERMINALS) else f"{client.name} does not read from a terminal"


def _without_hook_shell(shim: Process, above: list[Process], proc: Path) -> list[Process]:
    """The ancestors without those that ran the hook's line: shells whose whole work is that line, and `timeout`."""
    line = _bare(" ".join(words_of(shim.pid, proc)))
    left = list(above)
    if left and words_of(left[0].pid, proc)[:1] and Path(words_of(left[0].pid, proc)[0]).name == "timeout":
        left = left[1:]
    while left and _runs_line(words_of(left[0].pid, proc), line):
        left = left[1:]
    return left


def _runs_line(words: tuple[str, ...], line: str) -> bool:
    is_shell = (
        len(words) == 3 and Path(words[0]).name in _SHELLS and words[1].startswith("-") and words[1].endswith("c")
    )
    return is_shell and line in _bare(words[2])


def _bare(text: str) -> str:
    return text.replace("'", "").replace('"', "")


def _launched(below: Process, process: Process, proc: Path) -> bool:
    """Whether a process only started the client again: itself, at the same terminal, with the same arguments.

    A tool's shell may become the program that it runs, so that another client stands right below its agent; but not in
    the same session, and not with the same words.
    """
    return (
        agent_of(process, proc) is not None
        and agent_of(process, proc) == agent_of(below, proc)
        and (process.session, process.terminal) == (below.session, below.terminal)
        and _arguments(process, proc) == _arguments(below, proc)
    )


def _arguments(process: Process, proc: Path) -> tuple[str, ...]:
    words = words_of(process.pid, proc)
    if words and Path(words[0]).name in RUNTIMES:
        return words[script_at(words) + 1 :]
    return words[1:]


def _is_headless(word: str, client: Client) -> bool:
    if word.partition("=")[0] in client.headless:
        return True
    # Short options run together: `-cp`.
    is_bundle = word.startswith("-") and not word.startswith("--") and len(word) > 2
    return is_bundle and any(f"-{letter}" in client.headless for letter in word[1:] if letter.isalpha())


def _program(pid: int, proc: Path) -> str | None:
    try:
        return Path(os.readlink(proc / str(pid) / "exe")).name  # noqa: PTH115 - what the kernel says, links not followed
    except OSError:
        return None
