"""What the catalogue says about one command. Built by `load.py` from TOML; read by `shell/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Argument(Enum):
    """Whether an option takes a value: never, always, or only where it is attached (`--color=auto`)."""

    NONE = "none"
    REQUIRED = "required"
    OPTIONAL = "optional"


class Style(Enum):
    """How options are written: bundled letters and long names; long names behind one dash (`find -name`);
    like `gnu` but the first word may be letters without a dash (`tar xzf`); no options at all.
    """

    GNU = "gnu"
    LONG = "long"
    TAR = "tar"
    PLAIN = "plain"


class Kind(Enum):
    """What a program does with code or with data, as far as the reading of a script depends on it."""

    PROGRAM = "program"
    SHELL = "shell"
    INTERPRETER = "interpreter"
    FETCHER = "fetcher"
    DECODER = "decoder"


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `spellings[0]` is its canonical name; `metavar` names its value as the manual does."""

    spellings: tuple[str, ...]
    argument: Argument = Argument.NONE
    metavar: str = ""


@dataclass(frozen=True, slots=True)
class Wraps:
    """How a command runs another one that its words hold. Options are named by their canonical spelling.

    `rest`: the operands behind the first `skip` are a command (`words`), or, joined, shell text (`code`), or each
    one a shell text (`each`), or nothing. `dashes`: the command begins behind `--` where there is one. `assignments`:
    `NAME=value` may stand before it. `code`: options whose value is shell text; `split`: whose value is split into
    words that go before the rest. `exec`: options that a command follows, up to `;` or `+`. `appends`: words from
    elsewhere are added at its end; `replace`: options that name a placeholder for them instead. `shell`: with no
    command it starts a shell, which reads standard input. `keep`: the wrapper is a command of its own right besides.
    `unless`: options with which nothing is run. `drop`: globs of operands that belong to no command.
    """

    rest: str = "words"
    skip: int = 0
    dashes: bool = False
    assignments: bool = False
    appends: bool = False
    keep: bool = False
    shell: bool = False
    code: frozenset[str] = frozenset()
    split: frozenset[str] = frozenset()
    exec: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command or subcommand. `options` has every spelling. `stops`: options end at the first operand.
    `needs_operand`: without one it does nothing.
    `inherits`: its options may stand behind its subcommands too. `decodes`: options that make it a DECODER (none
    named: always). `code`: options that say what code an interpreter runs (their value, or the first operand
    where they take none); `modules`: those that name something installed instead. `setting`: options that take
    `NAME=VALUE`, where the value is shell text if the name fits one of the globs `code_settings`, any case; where
    the glob begins with `!`, only if the value does too.
    """

    name: str
    options: Mapping[str, Option] = field(default_factory=lambda: MappingProxyType({}))
    style: Style = Style.GNU
    kind: Kind = Kind.PROGRAM
    stops: bool = False
    needs_operand: bool = False
    inherits: bool = False
    subcommands: Mapping[str, "CommandSpec"] = field(default_factory=lambda: MappingProxyType({}))
    wraps: Wraps | None = None
    decodes: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    setting: frozenset[str] = frozenset()
    code_settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All commands by name, other names included; the names that the shell itself answers to; and the variables
    whose value programs run as shell text.
    """

    commands: Mapping[str, CommandSpec]
    builtins: frozenset[str]
    code_variables: frozenset[str] = frozenset()
