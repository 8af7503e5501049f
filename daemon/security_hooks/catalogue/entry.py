"""What the catalogue says about one command. Built by `load.py` from TOML; read by `shell/`."""

from collections.abc import Mapping
from enum import Enum

import msgspec

from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.decision import Severity


class Argument(Enum):
    """Whether an option takes a value: never, always, or only where it is attached (`--color=auto`)."""

    NONE = "none"
    REQUIRED = "required"
    OPTIONAL = "optional"


class Style(Enum):
    """How options are written: bundled letters and long names; long names behind one dash (`find -name`);
    like `gnu` but the first word may be letters without a dash (`tar xzf`); no options at all; like `long` but in any
    case of letters, and by their beginnings (`powershell -Enc`).
    """

    GNU = "gnu"
    LONG = "long"
    TAR = "tar"
    PLAIN = "plain"
    FOLDED = "folded"


class Builds(Enum):
    """Files of the project whose contents a command runs."""

    MAKEFILE = "makefile"
    PACKAGE_SCRIPTS = "package_scripts"
    COMPOSER_SCRIPTS = "composer_scripts"
    DENO_TASKS = "deno_tasks"
    PYPROJECT_SCRIPTS = "pyproject_scripts"
    JUSTFILE = "justfile"
    TASKFILE = "taskfile"


class Verbs(Enum):
    """Whose actions the verbs stand for that a command has as subcommands by convention."""

    CLOUD = "cloud"
    SERVICE = "service"
    DATABASE = "database"
    CONTAINER = "container"


class Kind(Enum):
    """What a program does with code or with data, as far as the reading of a script depends on it."""

    PROGRAM = "program"
    SHELL = "shell"
    INTERPRETER = "interpreter"
    FETCHER = "fetcher"
    DECODER = "decoder"


class Option(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """One option: `spellings[0]` is its canonical name; `metavar` names its value as the manual does, `role` says what
    the value means, `more` what the words behind it mean if it takes several. A spelling that ends in `=` is written
    without dashes (`if=FILE`).
    """

    spellings: tuple[str, ...]
    argument: Argument = Argument.NONE
    metavar: str = ""
    role: Role = Role.TEXT
    more: tuple[Role, ...] = ()


class Operand(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """One operand, or with `repeats` as many as there are."""

    name: str
    role: Role = Role.TEXT
    repeats: bool = False


class Deed(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """What a command does to something that no argument names: `delete:.`."""

    role: Role
    target: str


class Variant(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """What a command means under a condition; of several that hold, the later one's word counts.

    It holds where one of `some` is given (none named: always), all of `all`, none of `without`; where `operand` names
    globs, one of the operands fits one of them; where there are at least `least` and at most `most` of them; and where
    `values` names globs of an option's value, it fits one. `roles` are of options, by canonical name; `effects` are
    added.
    """

    some: frozenset[str] = frozenset()
    all: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    operand: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = {}
    least: int = 0
    most: int | None = None
    action: Action | None = None
    severity: Severity | None = None
    operands: tuple[Operand, ...] | None = None
    roles: dict[str, Role] = {}
    effects: tuple[Deed, ...] = ()


class Wraps(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """How a command runs another one that its words hold. Options are named by their canonical spelling.

    `rest`: the operands behind the first `skip` are a command (`words`), or, joined, shell text (`code`), or each
    one a shell text (`each`), or nothing. `dashes`: the command begins behind `--` where there is one. `assignments`:
    `NAME=value` may stand before it. `code`: options whose value is shell text; `split`: whose value is split into
    words that go before the rest. `exec`: options that a command follows, up to `;` or `+`. `appends`: words from
    elsewhere are added at its end; `replace`: options that name a placeholder for them instead. `shell`: with no
    command it starts a shell, which reads standard input. `keep`: the wrapper is a command of its own right besides.
    `unless`: options with which nothing is run. `drop`: globs of operands that belong to no command. `remote`: it runs
    on another machine or in a container, so that its paths are not those of this one. `connected`: what it runs has
    a connection as its standard input and output. `program`: options whose value is the program that the operands are
    given to. `known`: only a program that the catalogue knows is run; another word means something else, a script's
    name. `means`: what a name of a program stands for here, with the words that come before its own. `where`: globs
    that the value of an option must fit for anything to be run, if it is given.
    """

    rest: str = "words"
    skip: int = 0
    dashes: bool = False
    assignments: bool = False
    appends: bool = False
    keep: bool = False
    shell: bool = False
    remote: bool = False
    connected: bool = False
    code: frozenset[str] = frozenset()
    split: frozenset[str] = frozenset()
    exec: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    drop: tuple[str, ...] = ()
    program: frozenset[str] = frozenset()
    known: bool = False
    means: dict[str, str] = {}
    where: dict[str, tuple[str, ...]] = {}


class CommandSpec(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """One command or subcommand. `aliases` are its other names. `options` has every spelling. `stops`: options end at
    the first operand. `needs_operand`: without one it does nothing.
    `inherits`: its options may stand behind its subcommands too. `decodes`: options that make it a DECODER (none
    named: always). `code`: options that say what code an interpreter runs (their value, or the first operand
    where they take none); `modules`: those that name something installed instead. `setting`: options that take
    `NAME=VALUE`, where the value is shell text if the name fits one of the globs `code_settings`, any case; where
    the glob begins with `!`, only if the value does too.

    `operands`: what the operands mean (None: nobody knows); those behind one that repeats are counted from the end.
    `effects`: what it does besides. `recursive`: options with which paths are meant with all below them, `always` (in
    a file: `recursive = true`) for a command that always does. `variants`: what changes with other options.
    `language`: of the code that CODE and SCRIPT stand for. `stdin`: what it does with what it reads there (DATA:
    sends it, CODE: runs it). `action` None: not known; `severity` None: the action's own. `others`: what the values of
    long options that are not listed mean, where each of them takes one. `globs`: subcommands whose name is a glob.
    `shells`: an operand may be shell text, or an
    argument code of an unnamed language. `builds`: what file of the project it runs.
    `ends`: options behind which, and behind whose value, nothing is an option any more. `narrows`: options with which
    it finds not everything below its operands, but what they choose. `listed`: options with which more operands stand
    in the file that they name, or on standard input (`always`: there without any). `dashed`: its subcommands are
    programs of their own too, `git-push`. `verbs`: its subcommands that are not named mean what they say by the
    convention (`verbs.py`). `gathers`: it takes any number of files to a place.
    """

    name: str
    aliases: tuple[str, ...] = ()
    options: dict[str, Option] = {}
    style: Style = Style.GNU
    kind: Kind = Kind.PROGRAM
    stops: bool = False
    needs_operand: bool = False
    inherits: bool = False
    subcommands: dict[str, "CommandSpec"] = {}
    wraps: Wraps | None = None
    decodes: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    setting: frozenset[str] = frozenset()
    code_settings: tuple[str, ...] = ()
    operands: tuple[Operand, ...] | None = None
    effects: tuple[Deed, ...] = ()
    recursive: frozenset[str] = frozenset()
    variants: tuple[Variant, ...] = ()
    language: str = ""
    stdin: Role = Role.READ
    action: Action | None = None
    severity: Severity | None = None
    example: str = ""
    summary: str = ""
    others: Role | None = None
    ends: frozenset[str] = frozenset()
    shells: bool = False
    builds: Builds | None = None
    globs: tuple[str, ...] = ()
    narrows: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    dashed: bool = False
    verbs: Verbs | None = None
    gathers: bool = False


class Catalogue(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """All commands by name, other names included; the names that the shell itself answers to; and the variables
    whose value programs run as shell text.
    """

    commands: Mapping[str, CommandSpec]
    builtins: frozenset[str]
    code_variables: frozenset[str] = frozenset()
