"""Predicates on what a command is given: its subcommand and its arguments."""

from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Matcher,
    Params,
    Predicate,
    of_arguments,
    show_command,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import WordGlobs, word_globs
from security_hooks.model.shell import Facts
from security_hooks.model.word import Word


def _chain(arguments: tuple[str, ...]) -> tuple[tuple[WordGlobs, ...], ...]:
    return tuple(tuple(word_globs([element]) for element in argument.split()) for argument in arguments)


def _chain_matches(wanted: tuple[WordGlobs, ...], given: tuple[str, ...]) -> bool:
    return len(given) >= len(wanted) and all(
        element.known.match(word) for element, word in zip(wanted, given, strict=False)
    )


def _build_subcommand(arguments: tuple[str, ...]) -> Matcher:
    chains = _chain(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        given = command.subcommands or _leading(command.operands)
        if any(_chain_matches(wanted, given) for wanted in chains):
            return YES if command.program is not None else UNKNOWN
        holes = [word for word in command.words[1:] if word.literal is None]
        for wanted in chains:
            rest = wanted[len(given) :]
            if rest and _chain_matches(wanted[: len(given)], given) and any(rest[0].match(word) for word in holes):
                return UNKNOWN
        return NO

    return match


def _build_subcommand_surely(arguments: tuple[str, ...]) -> Matcher:
    chains = _chain(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        # Of a program that the catalogue does not know, only what follows directly is surely no option's value.
        given = command.subcommands or _leading(command.words[1:])
        read = command.subcommands or _leading(command.operands)
        if not any(_chain_matches(wanted, given) and _chain_matches(wanted, read) for wanted in chains):
            return NO
        return YES if command.program is not None else UNKNOWN

    return match


def _leading(words: tuple[Word, ...]) -> tuple[str, ...]:
    leading: list[str] = []
    for word in words:
        if word.literal is None:
            break
        leading.append(word.literal)
    return tuple(leading)


def _build_argument(arguments: tuple[str, ...]) -> Matcher:
    wanted = word_globs(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        best = NO
        for word in command.words[1:]:
            truth = wanted.match(word)
            if truth is YES:
                return YES
            if truth is UNKNOWN:
                best = UNKNOWN
        return best

    return match


def _show_words(facts: Facts) -> str:
    return show_command(facts) if facts.command is None else facts.command.folded.partition(" ")[2]


def _show_subcommand(facts: Facts) -> str:
    return show_command(facts) if facts.command is None else " ".join(facts.command.subcommands) or "no subcommand"


SUBCOMMAND = Predicate(
    "subcommand",
    Params("subcommand", check=lambda argument: None if argument.strip() else "is empty"),
    'The subcommand is one of these: `subcommand("push", "remote add")`.\n\n'
    "Several words are a chain of subcommands, each a glob. Of programs that the catalogue does not know, the first "
    "arguments that are no options count. UNKNOWN where a word with an unknown part may be the subcommand.",
    _build_subcommand,
    _show_subcommand,
    asks=True,
    build_sure=_build_subcommand_surely,
    marks=of_arguments,
)
ARGUMENT = Predicate(
    "argument",
    Params("glob"),
    "A word after the program, option or not, is one of these.\n\n"
    "The glob must fit the whole word: `--file=*`, `*/.ssh/*`. UNKNOWN where a word with an unknown part may fit; "
    'NO where its known parts cannot belong (`"$D"/x.py` is not `/`).',
    _build_argument,
    _show_words,
    asks=False,
    marks=of_arguments,
)
