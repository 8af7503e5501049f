"""What a predicate is, and what most of them need: parameters, matchers, the answer where there is no command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from security_hooks.dsl.globs import Globs
from security_hooks.dsl.marks import ARGUMENTS, COMMAND
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Command, Facts

Matcher: TypeAlias = Callable[[Facts], Truth]
Lists: TypeAlias = Mapping[str, tuple[str, ...]]

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def accept(_argument: str) -> str | None:
    """Takes any argument."""
    return None


@dataclass(frozen=True, slots=True)
class Params:
    """What a predicate takes: `least` to `most` (None: any number of) arguments, each called `word` in messages.

    With `choices` each is one of these; `check` says what is wrong with an argument, or None. `last`: the last one
    means something else than those before it. `usual` are words that mean something of their own, for editors to offer.
    """

    word: str = ""
    least: int = 1
    most: int | None = None
    choices: tuple[str, ...] = ()
    check: Callable[[str], str | None] = accept
    last: bool = False
    usual: tuple[str, ...] = ()


NOTHING = Params(least=0, most=0)


class Cost(IntEnum):
    """What asking takes: a look, going through words, comparing the targets of effects, searching texts."""

    LOOK = 0
    WORDS = 1
    TARGETS = 2
    TEXTS = 3


def of_commands(_arguments: tuple[str, ...]) -> int:
    """The mark of a predicate that is NO wherever there is no command."""
    return COMMAND


def of_arguments(_arguments: tuple[str, ...]) -> int:
    """The mark of a predicate that is NO of a command without arguments."""
    return ARGUMENTS


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate of the language. `doc` is its page in the reference: the first line says what it asks.

    `build` makes the matcher from the arguments (lists already replaced by what they hold). `build_sure` makes the
    one that is asked where a YES makes the verdict looser; without it that is the same. `asks` is what an UNKNOWN is
    worth where the rule has no `unknown` clause. `programs` names the only programs that can answer YES or
    UNKNOWN, and `marks` the marks of which a command must have one for that; None where any can. `cost` is what asking
    takes: of conditions that must all hold the cheapest are asked first. `shows` prints what was looked at, for
    `explain`. `classes` are words that stand for what lists of the configuration hold.
    `recalls`: it asks about earlier calls, and this is how it is written: with a condition for an argument.
    `configured`: it asks about what a person configured, or about what a session did: no example can show that.
    """

    name: str
    params: Params
    doc: str
    build: Callable[[tuple[str, ...]], Matcher]
    shows: Callable[[Facts], str]
    asks: bool
    build_sure: Callable[[tuple[str, ...]], Matcher] | None = None
    programs: Callable[[tuple[str, ...]], Globs | None] | None = None
    marks: Callable[[tuple[str, ...]], int | None] | None = None
    cost: Cost = Cost.WORDS
    classes: Mapping[str, Callable[[Lists], tuple[str, ...]]] = field(default_factory=dict)
    configured: bool = False
    recalls: str = ""


def without_command(facts: Facts) -> Truth:
    """The answer of a predicate on commands where there is none: UNKNOWN if a script was not understood."""
    script = facts.call.script
    return UNKNOWN if script is not None and (script.unparseable or script.over_budget) else NO


def show_command(facts: Facts) -> str:
    """The command as it would run, or the tool's name."""
    return facts.call.tool.name if facts.command is None else facts.command.folded


def programs_of(command: Command) -> tuple[str, ...]:
    """The known programs that a command starts: its wrappers' and its own."""
    wrappers = tuple(wrapper.program for wrapper in command.wrappers)
    return wrappers if command.program is None else (*wrappers, command.program)


def non_empty(argument: str) -> str | None:
    """Refuses the empty string."""
    return None if argument else "is empty"


def truth_of(known: object) -> Truth:
    """YES or NO."""
    return YES if known else NO
