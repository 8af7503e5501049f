"""Which session a session belongs to: an agent that another one starts inherits what is remembered of that.

Told by the process tree: the nearest client above a hook is the session's own process, and another client further up
is the one that started it. Where the system does not tell (macOS), or a process left its parents behind, a session
stands for itself (docs/memory.md says so).
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from security_hooks.service.person import ClientProcess, client_processes

MOST = 4_096

_Key = TypeVar("_Key")


class Lineage:
    """Sessions and their processes, the last MOST of each. `above` gives the clients above a process, nearest first."""

    def __init__(self, above: Callable[[int], Sequence[ClientProcess]] = client_processes) -> None:
        self._above = above
        self._families: OrderedDict[str, str] = OrderedDict()
        self._processes: OrderedDict[tuple[int, int], str] = OrderedDict()

    def family(self, session: str, pid: int, *, begins: bool) -> str:
        """The key of the session that this one began under, its own where that is none. Looked for when a session is
        met first, and when it `begins` anew; costs a look at each ancestor then.
        """
        known = self._families.get(session)
        if known is not None and not begins:
            return known
        runs = _runs(self._above(pid))
        outer = (process for run in runs[1:] for process in run)
        family = next((self._processes[process] for process in outer if process in self._processes), None)
        # A session that was resumed elsewhere takes along what it was part of.
        family = family or known or session
        _put(self._families, session, family)
        for process in runs[0] if runs else ():
            _put(self._processes, process, family)
        return family

    def known(self, session: str) -> str:
        """The same for a session without a process to ask about: as it was met, else its own."""
        return self._families.get(session, session)

    def plain(self) -> tuple[dict[str, str], list[tuple[int, int, str]]]:
        """All of it, to be saved."""
        return dict(self._families), [(pid, begun, family) for (pid, begun), family in self._processes.items()]

    def restore(self, families: dict[str, str], processes: list[tuple[int, int, str]]) -> None:
        """Take up what was saved."""
        self._families.update(families)
        self._processes.update(((pid, begun), family) for pid, begun, family in processes)


def _runs(processes: Sequence[ClientProcess]) -> list[list[tuple[int, int]]]:
    """The processes by client: one started directly by another of the same name is the same client (a wrapper)."""
    runs: list[list[tuple[int, int]]] = []
    before: ClientProcess | None = None
    for process in processes:
        is_same = before is not None and (before.name, before.steps + 1) == (process.name, process.steps)
        if not is_same:
            runs.append([])
        runs[-1].append((process.pid, process.begun))
        before = process
    return runs


def _put(held: OrderedDict[_Key, str], key: _Key, value: str) -> None:
    held[key] = value
    if len(held) > MOST:
        held.popitem(last=False)
