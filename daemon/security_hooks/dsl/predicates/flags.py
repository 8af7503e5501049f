"""`with_flags`: options however they are spelled, bundled and ordered."""

from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    of_commands,
    show_command,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts


def _check(argument: str) -> str | None:
    if not argument.startswith("-") or not argument.strip("-"):
        return "is not an option: give it with its dashes"
    if "=" in argument:
        return "has a value: give the option without it"
    if any(character.isspace() for character in argument):
        return "holds a blank: give several options as one bundle (`-rf`)"
    return None


def _needed(argument: str) -> tuple[frozenset[str], ...]:
    # `-rf` is `-r` and `-f`, but `-delete` is one option of `find`: only the command's own names can tell.
    whole = frozenset({argument})
    if argument.startswith("--") or len(argument) == 2:
        return (whole,)
    return (whole, frozenset(f"-{letter}" for letter in argument[1:]))


def _build(arguments: tuple[str, ...]) -> Matcher:
    alternatives = tuple(dict.fromkeys(needed for argument in arguments for needed in _needed(argument)))

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        given = command.options
        names = command.option_names
        for needed in alternatives:
            if needed <= given or needed <= names:
                return YES if command.program is not None else UNKNOWN
        if not command.options_known or (command.program is None and given):
            return UNKNOWN
        return NO

    return match


def _show(facts: Facts) -> str:
    command = facts.command
    if command is None:
        return show_command(facts)
    given = " ".join(sorted(command.options)) or "no options"
    return given if command.options_known else f"{given}, and perhaps more"


WITH_FLAGS = Predicate(
    "with_flags",
    Params("option", check=_check),
    'The command has all options of one of these: `with_flags("-rf")` is true for `-fr`, `-r -f`, `-Rf` and '
    "`--recursive --force`.\n\n"
    "A bundle of short options means all of them; several arguments are alternatives. Which spellings are the same "
    "option, the catalogue says for each program. No globs. UNKNOWN where an unknown word may carry more options, or "
    "the program is not known and has options.",
    _build,
    _show,
    asks=True,
    marks=of_commands,
    cost=Cost.LOOK,
)
