"""Predicates on one command's program: which it is, what starts it, where its text comes from."""

from security_hooks.dsl.globs import Globs, globs, is_literal
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    of_commands,
    show_command,
    truth_of,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import WordGlobs, word_globs
from security_hooks.model.shell import Facts
from security_hooks.model.word import Hole, Origin, Word

# Where a program written with its path is surely the one of that name.
_SYSTEM = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin"})
# Builtins and keywords that start another command; none of them is a program that could be unknown.
_BUILTIN_WRAPPERS = frozenset({"command", "builtin", "exec", "eval", "time", "coproc", "trap", "source", "."})


def _base(argument: str) -> str:
    return argument.rpartition("/")[2]


def _could_be(names: WordGlobs, word: Word) -> Truth:
    # An unquoted hole may end the word: what stands behind it need not belong to the program's name.
    cut = next((i for i, part in enumerate(word.parts) if isinstance(part, Hole) and part.splits), None)
    parts = word.parts if cut is None else word.parts[: cut + 1]
    return UNKNOWN if word.literal is not None or names.match_parts(parts) is not NO else NO


def _build_command(arguments: tuple[str, ...]) -> Matcher:
    names = globs(argument for argument in arguments if "/" not in argument)
    paths = word_globs(argument for argument in arguments if "/" in argument)
    anywhere = [glob for argument in arguments if "/" not in argument for glob in (argument, f"*/{argument}")]
    unknown = word_globs([*anywhere, *(argument for argument in arguments if "/" in argument)])
    matches_name = names.match
    has_paths = bool(paths.alternatives)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if not command.words:
            return NO
        program = command.program
        if program is not None and matches_name(program):
            return YES
        for wrapper in command.wrappers:
            if matches_name(wrapper.program):
                return YES
        if program is None:
            return _could_be(unknown, command.words[0])
        return paths.match(command.words[0]) if has_paths else NO

    return match


def _build_command_surely(arguments: tuple[str, ...]) -> Matcher:
    names = globs(argument for argument in arguments if "/" not in argument)
    paths = globs(argument for argument in arguments if "/" in argument)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if not command.words:
            return NO
        written = command.words[0].literal
        if command.program is None or written is None:
            return UNKNOWN
        if paths.match(written):
            return YES
        if not names.match(command.program):
            return NO
        folder, slash, _ = written.rpartition("/")
        script = facts.call.script
        is_redefined = script is not None and command.program in script.functions
        return UNKNOWN if is_redefined or (slash and folder not in _SYSTEM) else YES

    return match


def _programs(arguments: tuple[str, ...]) -> Globs | None:
    bases = [_base(argument) for argument in arguments]
    # A star in a path may stand for slashes, too: then its last piece is not all of the program's name.
    plain = all(
        base and ("/" not in argument or is_literal(base)) for argument, base in zip(arguments, bases, strict=True)
    )
    return globs(bases) if plain else None


def _build_base_command_not_in(arguments: tuple[str, ...]) -> Matcher:
    names = globs(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if not command.words:
            return NO
        for wrapper in command.wrappers:
            if wrapper.program not in _BUILTIN_WRAPPERS and not names.match(wrapper.program):
                return YES
        if command.is_known:
            return NO
        if command.program is None:
            return UNKNOWN
        return NO if names.match(command.program) else YES

    return match


def _build_origin(arguments: tuple[str, ...]) -> Matcher:
    origins = frozenset(Origin(argument) for argument in arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if command.origin in origins:
            return YES
        return UNKNOWN if command.origin is Origin.UNKNOWN else NO

    return match


def _build_wrapped_by(arguments: tuple[str, ...]) -> Matcher:
    names = globs(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        return truth_of(any(names.match(wrapper.program) for wrapper in command.wrappers))

    return match


def _show_program(facts: Facts) -> str:
    command = facts.command
    if command is None:
        return show_command(facts)
    return "a program that is not known" if command.program is None else command.program


def _show_origin(facts: Facts) -> str:
    return show_command(facts) if facts.command is None else facts.command.origin.value


def _show_wrappers(facts: Facts) -> str:
    if facts.command is None:
        return show_command(facts)
    return " ".join(wrapper.program for wrapper in facts.command.wrappers) or "nothing"


_PROGRAM = Params("program", check=non_empty)

COMMAND = Predicate(
    "command",
    _PROGRAM,
    "The program is one of these.\n\n"
    "A glob without a slash is about the program's base name (`/bin/rm` is `rm`), one with a slash about the program "
    "as written. Programs that start the command (`sudo`, `env`) count too. UNKNOWN where the program is not known "
    "and could be one of these. Where a YES would make the verdict looser (in `allow`, `unless`, `except`, and under "
    "`not` elsewhere), the program must surely be meant: written bare, in a system directory, or as a path that a "
    "glob with a slash names, and not redefined by the script.",
    _build_command,
    _show_program,
    asks=True,
    build_sure=_build_command_surely,
    programs=_programs,
    marks=of_commands,
    cost=Cost.LOOK,
)
BASE_COMMAND_NOT_IN = Predicate(
    "base_command_not_in",
    _PROGRAM,
    "The program, or one that starts it, is none of these.\n\n"
    "Builtins and functions that the script defines are never unknown, nor is a command without a program "
    "(`X=1`, `> file`). UNKNOWN where the program's name is not known.",
    _build_base_command_not_in,
    _show_program,
    asks=True,
    marks=of_commands,
    cost=Cost.LOOK,
)
ORIGIN = Predicate(
    "origin",
    Params("origin", choices=tuple(origin.value for origin in Origin)),
    "The command's text comes from there: `literal` (the script itself), `file`, `decoded`, `network`, `unknown`.\n\n"
    "UNKNOWN where the origin is unknown and `unknown` is not asked for.",
    _build_origin,
    _show_origin,
    asks=True,
    marks=of_commands,
    cost=Cost.LOOK,
)
WRAPPED_BY = Predicate(
    "wrapped_by",
    _PROGRAM,
    'One of these programs starts the command: `wrapped_by("sudo", "doas")`.',
    _build_wrapped_by,
    _show_wrappers,
    asks=False,
    programs=globs,
    marks=of_commands,
    cost=Cost.LOOK,
)
