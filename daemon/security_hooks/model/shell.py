"""What we understand of one tool call: words with holes, commands, pipelines, and the facts focused on one command."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from security_hooks.model.action import Action
from security_hooks.model.decision import Severity
from security_hooks.model.effect import Effect, Flow
from security_hooks.model.event import HookEvent, Place, ToolCall
from security_hooks.model.server import Definition
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.word import Origin, Word
from security_hooks.model.world import NOWHERE, World


class Redirect(msgspec.Struct, frozen=True, gc=False):
    """`operator` as written (`<`, `>>`, `>|`, `&>`, `>&`, `<<`, `<<<`, ...); `target` is the body for `<<`."""

    operator: str
    descriptor: int | None
    target: Word


class Assignment(msgspec.Struct, frozen=True, gc=False):
    """`NAME=value` before a command or alone; `append` for `+=`."""

    name: str
    value: Word
    append: bool = False


class PipePosition(msgspec.Struct, frozen=True, gc=False):
    """A command's place in one pipeline: `pipeline` numbers it within the script, `stage` counts from 0."""

    pipeline: int
    stage: int


class Wrapper(msgspec.Struct, frozen=True, gc=False):
    """A program peeled off the front of a command (`sudo`, `env`), or one that ran its text (`bash -c`).

    `remote`: what it runs runs on another machine or in a container; `root`: the directory that is `/` for it, where
    it was told one.
    """

    program: str
    words: tuple[Word, ...]
    remote: bool = False
    root: Word | None = None


class Command(msgspec.Struct, frozen=True, gc=False):
    r"""One simple command, wrappers peeled.

    `words[0]` is the program as written, `program` its base name (`/bin/rm` is `rm`) or None where it is not
    known. `options` are the canonical names of the options that are surely given (short spelling where there
    is one, else long, with dashes), `option_names` every spelling of each of them (`-r`, `-R`, `--recursive`),
    `options_known` is False where a hole may carry more of them;
    `subcommands` is the chain (`("remote", "add")`). `inside` names the constructs around it, outermost
    first: `subshell`, `group`, `loop`, `function`, `substitution`, `process_substitution`, `condition`,
    `background`, `coproc`, `trap`. `text` is the command as written, `folded` as it would run, one space
    between words, holes as written. `spelled_oddly` says that a literal program name was hidden by quoting
    or escapes that no person needs (`r''m`, `$'\x72m'`). `may_be` are the actions that it perhaps is instead
    of `action`.
    """

    index: int
    words: tuple[Word, ...]
    program: str | None
    text: str
    folded: str
    span: tuple[int, int]
    operands: tuple[Word, ...] = ()
    options: frozenset[str] = frozenset()
    options_known: bool = True
    option_names: frozenset[str] = frozenset()
    subcommands: tuple[str, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    pipes: tuple[PipePosition, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    inside: tuple[str, ...] = ()
    origin: Origin = Origin.LITERAL
    is_known: bool = False
    spelled_oddly: bool = False
    effects: tuple[Effect, ...] = ()
    action: Action = Action.UNKNOWN
    severity: Severity = Severity.LOW
    may_be: tuple[Action, ...] = ()


class Script(msgspec.Struct, frozen=True, gc=False):
    """A shell text, understood as far as it goes.

    `problem` is None, or why it was not understood whole (then `unparseable` or `over_budget` is set too).
    `commands` holds every simple command found, those in nested code too, in order of appearance. `dynamic`
    says that some code it would run is not known (`eval "$X"`, `curl .. | sh`). `functions` are the names
    it defines.
    """

    text: str
    commands: tuple[Command, ...]
    unparseable: bool = False
    over_budget: bool = False
    dynamic: bool = False
    problem: str | None = None
    functions: frozenset[str] = frozenset()
    flows: tuple[Flow, ...] = ()


def undefined(_server: str) -> None:
    """Nothing is known of any server."""
    return


def unreadable(_path: str, _most: int) -> None:
    """No file can be read."""
    return


LOOKED = "looked at the disk"


@dataclass(frozen=True, slots=True)
class CallFacts:
    """All that is known of one tool call. `effects` are those of a tool that is no shell; `session` is what
    is remembered.

    `definitions` finds how the client may define an MCP server of this name, None where that cannot be said; it may
    look at the disk. `readable` gives the content of a file of at most so many bytes, None where there is none such.
    `memo` is a scratch store for matchers, living as long as this call; `world` is the disk as the call may see it, and
    a matcher that looks there leaves LOOKED in the memo: what it answers is not to be remembered.
    """

    event: HookEvent
    tool: ToolCall
    place: Place
    script: Script | None
    effects: tuple[Effect, ...] = ()
    session: SessionView = NO_SESSION
    definitions: Callable[[str], tuple[Definition, ...] | None] = field(default=undefined, compare=False, repr=False)
    readable: Callable[[str, int], bytes | None] = field(default=unreadable, compare=False, repr=False)
    memo: dict[object, object] = field(default_factory=dict, compare=False, repr=False)
    world: World = field(default=NOWHERE, compare=False, repr=False)


class Facts(msgspec.Struct, frozen=True, gc=False):
    """All that a condition may look at: the call, focused on one command (None: the tool call itself)."""

    call: CallFacts
    command: Command | None
