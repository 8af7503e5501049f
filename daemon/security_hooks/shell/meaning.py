"""What a command means by the catalogue: which variants hold, its action, and the role of each of its arguments."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from security_hooks.catalogue.entry import CommandSpec, Deed, Operand, Variant
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.schema import ALWAYS
from security_hooks.model.action import Action
from security_hooks.model.decision import Severity
from security_hooks.model.word import Word
from security_hooks.shell.options import Reading


class Argument(NamedTuple):
    """One argument and what it means; None: nobody knows. `certain` is False where it means so only perhaps."""

    role: Role | None
    word: Word
    certain: bool = True


class Meaning(NamedTuple):
    """The action, what it perhaps is instead, and what is done to what."""

    action: Action
    severity: Severity
    may_be: tuple[Action, ...]
    arguments: tuple[Argument, ...]
    deeds: tuple[tuple[Deed, bool], ...]
    recursive: bool


_HELP = ("--help", "--version")
_ASKED_FOR_HELP = Meaning(Action.TEXT, Action.TEXT.severity, (), (), (), False)


def meaning_of(reading: Reading, words: Sequence[Word], *, is_known: bool) -> Meaning:
    """What the words mean. `is_known`: it is a builtin or a function, which does nothing by itself."""
    spec = reading.spec
    if spec is None:
        if is_known:
            return Meaning(Action.TEXT, Action.TEXT.severity, (), (), (), False)
        return Meaning(Action.UNKNOWN, Action.UNKNOWN.severity, (), tuple(_unnamed(reading)), (), False)
    if _asks_for_help(spec, reading, words):
        return _ASKED_FOR_HELP
    action, severity, operands = spec.action, spec.severity, spec.operands
    may_be: list[Action] = []
    deeds = [(deed, True) for deed in spec.effects]
    roles: dict[str, Role] = {}
    # A subcommand's own option is not the one of that name above it: `git -C DIR` is not `git switch -C`.
    given = reading.own | (reading.options - spec.options.keys()) if reading.subcommands else reading.own
    for variant in spec.variants:
        holds = _holds(variant, reading, given)
        if holds is False:
            continue
        if holds is None:
            if variant.action is not None:
                may_be.append(variant.action)
            deeds += [(deed, False) for deed in variant.effects]
            continue
        if variant.action is not None:
            action = variant.action
            severity = variant.severity
        severity = variant.severity or severity
        operands = variant.operands if variant.operands is not None else operands
        roles.update(variant.roles)
        deeds += [(deed, True) for deed in variant.effects]
    arguments = [Argument(roles.get(name, role), word) for name, word, role in reading.values]
    repeated = next((operand.role for operand in operands or () if operand.repeats), None)
    if repeated is not None or operands is None:
        arguments += [Argument(repeated, word) for word in reading.listed]
    if operands is None:
        if not is_known:
            arguments += [Argument(None, word) for word in reading.operands]
    else:
        arguments += _assigned(operands, reading.operands, spec.wraps is not None)
    action = action or (Action.TEXT if is_known else Action.UNKNOWN)
    recursive = bool(spec.recursive) and (ALWAYS in spec.recursive or not spec.recursive.isdisjoint(reading.own))
    return Meaning(
        action, severity or action.severity, tuple(dict.fromkeys(may_be)), tuple(arguments), tuple(deeds), recursive
    )


def _asks_for_help(spec: CommandSpec, reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the first word behind the program and its subcommands only asks for help."""
    place = 1 + len(reading.subcommands)
    return (
        len(words) > place
        and words[place].literal in _HELP
        and (words[place].literal in spec.options or bool(reading.subcommands))
    )


def _holds(variant: Variant, reading: Reading, given: set[str]) -> bool | None:
    """Whether a variant holds with these options; None: perhaps, where options or operands are not all known."""
    if not variant.without.isdisjoint(given):
        return False
    sure = (not variant.some or not variant.some.isdisjoint(given)) and variant.all <= given
    if not sure and reading.known:
        return False
    for name, globs in variant.values.items():
        fits = _fits(name, globs, reading)
        if fits is False:
            return False
        sure = sure and fits is True
    count = len(reading.operands)
    if count < variant.least or (variant.most is not None and count > variant.most):
        return False
    if variant.operand:
        found = False
        for word in reading.operands:
            literal = word.literal
            if literal is None:
                sure = False
            elif any(fnmatchcase(literal, glob) for glob in variant.operand):
                found = True
                break
        if not found and all(word.literal is not None for word in reading.operands):
            return False
        sure = sure and found
    return True if sure else None


def _fits(name: str, globs: Sequence[str], reading: Reading) -> bool | None:
    """Whether the value of an option fits one of the globs; None: perhaps."""
    perhaps = not reading.known
    for given, word, _ in reading.values:
        if given != name:
            continue
        literal = word.literal
        if literal is None:
            perhaps = True
        elif any(fnmatchcase(literal, glob) for glob in globs):
            return True
    return None if perhaps else False


def _assigned(operands: Sequence[Operand], words: Sequence[Word], wraps: bool) -> Iterator[Argument]:
    """Each operand with what it means by its place. Those too many belong to the command that is wrapped, if it wraps
    one; else nobody knows what they mean.
    """
    repeated = next((number for number, operand in enumerate(operands) if operand.repeats), None)
    if repeated is None:
        for number, word in enumerate(words):
            if number < len(operands):
                yield Argument(operands[number].role, word)
            elif not wraps:
                yield Argument(None, word)
        return
    behind = len(operands) - repeated - 1
    # Of too few words the first go to what stands before, the last to what stands behind.
    tail = min(behind, max(len(words) - min(repeated, len(words)), 0))
    for number, word in enumerate(words):
        if number < repeated:
            yield Argument(operands[number].role, word)
        elif number >= len(words) - tail:
            yield Argument(operands[len(operands) - (len(words) - number)].role, word)
        else:
            yield Argument(operands[repeated].role, word)


def _unnamed(reading: Reading) -> Iterator[Argument]:
    for _, word, role in reading.values:
        yield Argument(role, word)
    for word in reading.operands:
        yield Argument(None, word)
