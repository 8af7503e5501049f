"""What one call spends of what a session may have, and how much of that it may have in what time."""

import msgspec

from security_hooks.model.closed import Closed


class Resource(Closed):
    """What is counted. The words are the keys of `[budgets]`."""

    FILES_DELETED = "files_deleted"
    FILES_WRITTEN = "files_written"
    BYTES_OUT = "bytes_out"
    HOSTS = "hosts"
    FORCE_PUSHES = "force_pushes"


BUDGET_RULES = {resource: f"budget-{resource.value.replace('_', '-')}" for resource in Resource}


class Level(Closed):
    """Whose budget it is: that of a session with all agents that it started, of one agent, of the machine."""

    SESSION = "session"
    AGENT = "agent"
    MACHINE = "machine"


class Rate(msgspec.Struct, frozen=True):
    """So much within any so many seconds."""

    count: int
    seconds: int


class Budget(msgspec.Struct, frozen=True):
    """One budget: whose, of what, how much."""

    level: Level
    resource: Resource
    rate: Rate


class Spending(msgspec.Struct, frozen=True, gc=False):
    """What one call would spend. Paths and hosts are digests, each once; `unnamed` counts those of each kind that have
    no name that is known, or are too many to name. `sent` are the files whose bytes leave the machine, besides `bytes`.
    """

    deleted: tuple[bytes, ...] = ()
    written: tuple[bytes, ...] = ()
    hosts: tuple[bytes, ...] = ()
    unnamed: tuple[int, int, int] = (0, 0, 0)
    pushes: int = 0
    bytes: int = 0
    sent: tuple[str, ...] = ()


NOTHING = Spending()
