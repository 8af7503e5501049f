"""What a command means by the catalogue: which variants hold, its action, and the role of each of its arguments."""

from collections.abc import Iterator, Sequence

import msgspec

from security_hooks.catalogue.entry import CommandSpec, Deed, Operand, Variant
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.schema import ALWAYS
from security_hooks.model.action import Action
from security_hooks.model.decision import Severity
from security_hooks.model.word import Word
from security_hooks.shell.globs import fits_any
from security_hooks.shell.options import Reading


class Argument(msgspec.Struct, frozen=True, gc=False):
    """One argument and what it means; None: nobody knows. `certain` is False where it means so only perhaps."""

    role: Role | None
    word: Word
    certain: bool = True


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """The action, what it perhaps is instead, and what is done to what."""

    action: Action
    severity: Severity
    may_be: tuple[Action, ...]
    arguments: tuple[Argument, ...]
    deeds: tuple[tuple[Deed, bool], ...]
    recursive: bool


_HELP = frozenset(("--help", "--version"))
_SHORT_HELP = frozenset(("-h", "-V", "-v", "-?"))
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
    deeds = [(deed, True) for deed in spec.effects] if spec.effects else []
    roles: dict[str, Role] = {}
    # A subcommand's own option is not the one of that name above it: `git -C DIR` is not `git switch -C`.
    given = reading.own | (reading.options - spec.options.keys()) if reading.subcommands else reading.own
    values = _values_given(reading) if spec.variants else {}
    for variant in spec.variants:
        if reading.known and _is_ruled_out(variant, given, values):
            continue
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
    if reading.listed:
        repeated = next((operand.role for operand in operands or () if operand.repeats), None)
        if repeated is not None or operands is None:
            arguments += [Argument(repeated, word) for word in reading.listed]
    if reading.operands:
        if operands is not None:
            arguments += _assigned(operands, reading.operands, spec.wraps is not None)
        elif not is_known:
            arguments += [Argument(None, word) for word in reading.operands]
    action = action or (Action.TEXT if is_known else Action.UNKNOWN)
    recursive = bool(spec.recursive) and (ALWAYS in spec.recursive or not spec.recursive.isdisjoint(reading.own))
    perhaps = tuple(dict.fromkeys(may_be)) if may_be else ()
    return Meaning(action, severity or action.severity, perhaps, tuple(arguments), tuple(deeds), recursive)


def _values_given(reading: Reading) -> dict[str, str | None]:
    """The value of each option that has one; None where there are several, or it is not known."""
    values: dict[str, str | None] = {}
    for name, word, _ in reading.values:
        values[name] = None if name in values else word.literal
    return values


def _is_ruled_out(variant: Variant, given: set[str], values: dict[str, str | None]) -> bool:
    """Whether an option that the variant needs is not there, or has another value: most are left out by that."""
    if variant.some:
        return variant.some.isdisjoint(given)
    for name, globs in variant.values.items():
        if name not in values:
            return True
        literal = values[name]
        if literal is not None and not fits_any(literal, globs):
            return True
    return False


def _asks_for_help(spec: CommandSpec, reading: Reading, words: Sequence[Word]) -> bool:
    """Whether the first word behind the program and its subcommands only asks for help."""
    place = 1 + len(reading.subcommands)
    if len(words) <= place:
        return False
    literal = words[place].literal
    if literal in _HELP:
        # Of one word alone that is all a program can make of it.
        return literal in spec.options or bool(reading.subcommands) or len(words) == place + 1
    if len(words) > place + 1 or literal not in _SHORT_HELP:
        return False
    option = spec.options.get(literal)
    return option is not None and not _HELP.isdisjoint(option.spellings)


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
            elif fits_any(literal, variant.operand):
                found = True
                break
        if not found and all(word.literal is not None for word in reading.operands):
            return False
        sure = sure and found
    return True if sure else None


def _fits(name: str, globs: tuple[str, ...], reading: Reading) -> bool | None:
    """Whether the value of an option fits one of the globs; None: perhaps."""
    perhaps = not reading.known
    for given, word, _ in reading.values:
        if given != name:
            continue
        literal = word.literal
        if literal is None:
            perhaps = True
        elif fits_any(literal, globs):
            return True
    return None if perhaps else False


def _assigned(operands: Sequence[Operand], words: Sequence[Word], wraps: bool) -> list[Argument]:
    """Each operand with what it means by its place. Those too many belong to the command that is wrapped, if it wraps
    one; else nobody knows what they mean.
    """
    if len(operands) == 1 and operands[0].repeats:
        role = operands[0].role
        return [Argument(role, word) for word in words]
    roles = [operand.role for operand in operands]
    repeated = 0
    while repeated < len(operands) and not operands[repeated].repeats:
        repeated += 1
    if repeated == len(operands):
        named = [Argument(role, word) for role, word in zip(roles, words, strict=False)]
        return named if wraps else named + [Argument(None, word) for word in words[len(roles) :]]
    # Of too few words the first go to what stands before, the last to what stands behind.
    before = min(repeated, len(words))
    behind = min(len(roles) - repeated - 1, len(words) - before)
    between = len(words) - before - behind
    fitting = [*roles[:before], *[roles[repeated]] * between, *roles[len(roles) - behind :]]
    return [Argument(role, word) for role, word in zip(fitting, words, strict=True)]


def _unnamed(reading: Reading) -> Iterator[Argument]:
    for _, word, role in reading.values:
        yield Argument(role, word)
    for word in reading.operands:
        yield Argument(None, word)
