"""A shell text to a `Script`: read, walked, and every command in the order in which it stands there."""

from operator import attrgetter

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import Command, Script
from security_hooks.model.word import Hole, Word
from security_hooks.model.world import NOWHERE, World
from security_hooks.shell.context import Found
from security_hooks.shell.effects import Understood, understand
from security_hooks.shell.flow import flows_of
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.origins import Codes
from security_hooks.shell.steps import run
from security_hooks.shell.walk import Walker

_LITERAL = attrgetter("literal")


def read_script(text: str, place: Place, catalogue: Catalogue, limits: ShellLimits, world: World = NOWHERE) -> Script:
    """What this text would run. Never raises, whatever the text; past the limits it says what it found so far.

    NUL bytes, which a shell drops, are dropped first: all places are places in `Script.text`.
    """
    text = text.replace("\0", "") if "\0" in text else text
    budget = Budget(limits)
    walker = Walker(place, catalogue, budget)
    walker.codes = Codes(world)
    run(walker.script(text))
    found = walker.found
    walked = list(found)
    # What runs first may stand behind: the code in a command's words.
    found.sort(key=lambda command: command.span[0])
    problem = walker.problem
    understood = [understand(command, place, world) for command in found]
    flows = flows_of(found, walked, understood, walker.codes.producers, budget)
    return Script(
        text=text,
        commands=tuple([_command(number, command, understood[number]) for number, command in enumerate(found)]),
        unparseable=problem is not None,
        over_budget=budget.over,
        dynamic=walker.dynamic,
        problem=problem
        or ("the script is larger, deeper or slower to read than the limits allow" if budget.over else None),
        functions=frozenset(walker.state.functions),
        flows=flows,
    )


def _command(index: int, found: Found, understood: Understood) -> Command:
    reading, meaning = found.reading, understood.meaning
    return Command(
        index,
        found.words,
        found.program,
        found.text,
        _folded(found.words),
        found.span,
        tuple(reading.operands),
        frozenset(reading.options),
        reading.known,
        frozenset(reading.names),
        tuple(reading.subcommands),
        found.redirects,
        found.assignments,
        found.pipes,
        found.wrappers,
        found.inside,
        found.origin,
        found.is_known or found.is_read,
        found.odd,
        understood.effects,
        meaning.action,
        meaning.severity,
        meaning.may_be,
    )


def _folded(words: tuple[Word, ...]) -> str:
    literals = list(map(_LITERAL, words))
    if None in literals:
        literals = [word.literal if word.literal is not None else _as_written(word) for word in words]
    return " ".join(literals)


def _as_written(word: Word) -> str:
    return "".join([part.source if isinstance(part, Hole) else part for part in word.parts])
