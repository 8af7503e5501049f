"""What the catalogue knows of the programs that a line of rules is about: their subcommands and options."""

from collections.abc import Iterator, Sequence

from security_hooks.catalogue.entry import Argument, Catalogue, CommandSpec, Option
from security_hooks.catalogue.reference import about
from security_hooks.catalogue.role import Role
from security_hooks.dsl.predicates import predicate_named
from security_hooks.lsp.context import Called
from security_hooks.shell.options import subcommand


def is_of_programs(name: str) -> bool:
    """Whether the predicate of this name takes programs."""
    predicate = predicate_named(name)
    return predicate is not None and predicate.params.word == "program"


def specs_of(calls: Sequence[Called], catalogue: Catalogue) -> tuple[CommandSpec, ...]:
    """The commands that a line names: of each program the subcommands where it names some, else the program."""
    programs = [
        spec
        for call in calls
        if call.name.text == "command"
        for argument in call.arguments
        if argument.is_string and (spec := catalogue.commands.get(argument.value.rpartition("/")[2])) is not None
    ]
    chains = [
        argument.value.split()
        for call in calls
        if call.name.text == "subcommand"
        for argument in call.arguments
        if argument.is_string and argument.is_closed
    ]
    found = [spec for program in programs for spec in _below(program, chains) or (program,)]
    return tuple({id(spec): spec for spec in found}.values())


def subcommand_of(spec: CommandSpec, chain: Sequence[str]) -> CommandSpec | None:
    """The subcommand that this chain of words names."""
    current: CommandSpec | None = spec
    for word in chain:
        current = None if current is None else subcommand(current, word)
    return current


def options_of(calls: Sequence[Called], catalogue: Catalogue) -> Iterator[tuple[CommandSpec, Option]]:
    """Every option of the commands that a line names, and of the programs that these are subcommands of."""
    programs = specs_of([call for call in calls if call.name.text == "command"], catalogue)
    seen: set[tuple[str, ...]] = set()
    for spec in (*specs_of(calls, catalogue), *programs):
        for option in spec.options.values():
            if option.spellings not in seen:
                seen.add(option.spellings)
                yield spec, option


def describe_program(name: str, spec: CommandSpec) -> str:
    """What is known of a command, as Markdown."""
    below = sorted(sub for sub, found in spec.subcommands.items() if sub == found.name)
    shown = f"\n\nSubcommands: {', '.join(f'`{sub}`' for sub in below[:40])}" if below else ""
    more = f" and {len(below) - 40} more" if len(below) > 40 else ""
    return f"**{name}**: " + "\n".join(about(spec)).strip() + shown + more


def describe_option(option: Option) -> str:
    """How an option is written and what its value means."""
    written = ", ".join(f"`{spelling}`" for spelling in option.spellings)
    role = f", {option.role.value}" if option.role is not Role.TEXT else ""
    match option.argument:
        case Argument.NONE:
            return written
        case Argument.REQUIRED:
            return f"{written} takes a value: `{option.metavar or 'VALUE'}`{role}"
        case Argument.OPTIONAL:
            return f"{written} takes a value that is attached, or none: `{option.metavar or 'VALUE'}`{role}"


def _below(program: CommandSpec, chains: Sequence[Sequence[str]]) -> list[CommandSpec]:
    return [spec for chain in chains if (spec := subcommand_of(program, chain)) is not None and spec is not program]
