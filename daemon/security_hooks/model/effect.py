"""What a tool call would do to the world: reads, writes, deletes, executes, connects, and what flows where."""

import msgspec

from security_hooks.model.closed import Closed
from security_hooks.model.word import Origin, Word


class EffectKind(Closed):
    """The verbs. NAMES: the command is given this path, and nobody knows whether it reads, writes or deletes it."""

    READS = "reads"
    WRITES = "writes"
    DELETES = "deletes"
    MOVES = "moves"
    CHANGES_MODE = "changes_mode"
    EXECUTES = "executes"
    CONNECTS = "connects"
    READS_ENV = "reads_env"
    SETS_ENV = "sets_env"
    SIGNALS = "signals"
    INSTALLS = "installs"
    MUTATES = "mutates"
    CALLS = "calls"
    NAMES = "names"


class Scope(Closed):
    """Where a path lies. SYSTEM has `/` in it; ELSEWHERE is what none of the others covers (`/srv`, another home)."""

    PROJECT = "project"
    HOME = "home"
    SYSTEM = "system"
    TEMP = "temp"
    DEVICE = "device"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class Effect(msgspec.Struct, frozen=True, gc=False):
    """One thing that a command would do.

    `target` is what it does it to: for paths absolute and normalised, holes kept (a path relative to an unknown
    directory begins with one); a host, a variable's name, a process, a package, an object. None: not known at all.
    `real` is the path with links followed where that is another one. `certain` is False where the command does it
    only perhaps. `recursive`: with all that lies below; `contents`: all that lies below, but not the path itself
    (`/*`). `sends`: data leaves with the connection; of a READS, that what is read is what the command sends, if it
    connects. `origin`: where executed code comes from. `object`: what kind of thing is mutated (`git`, `container`,
    `cloud`, `database`, `service`, `system`, `setting`); for EXECUTES the language, for CALLS the server, for CONNECTS
    the port where it is written out (`*`: not known which). `remote`: it happens on another machine or in a container.
    `content`: what is written or assigned, where that is known. `unresolved`: nobody can say where the path leads once
    links are followed.
    """

    kind: EffectKind
    target: Word | None = None
    scope: Scope = Scope.UNKNOWN
    certain: bool = True
    recursive: bool = False
    contents: bool = False
    sends: bool = False
    origin: Origin = Origin.LITERAL
    object: str = ""
    real: Word | None = None
    remote: bool = False
    content: Word | None = None
    unresolved: bool = False


class Flow(msgspec.Struct, frozen=True, gc=False):
    """Data that goes from one effect to another within one call: a secret file to a connection.

    `source` is a READS, READS_ENV or CONNECTS (what came from the network); `sink` a CONNECTS, WRITES or EXECUTES.
    The numbers are those of the commands. `certain` is False where it goes through something that is not known.
    """

    source: Effect
    sink: Effect
    source_command: int
    sink_command: int
    certain: bool = True
