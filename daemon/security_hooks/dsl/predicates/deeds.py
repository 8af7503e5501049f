"""Predicates on what a call does to anything but files: programs, hosts, variables, processes, packages, objects."""

from collections.abc import Callable

from security_hooks.dsl.marks import marks_of_actions, marks_of_kinds
from security_hooks.dsl.predicates.effects import Judge, every, shows, some
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    truth_of,
    without_command,
)
from security_hooks.dsl.predicates.targets import (
    OBJECTS,
    check_host,
    check_object,
    judge_assignment,
    judge_call,
    judge_host,
    judge_object,
    judge_origin,
    judge_program,
    judge_sending,
    judge_target,
    judge_variable,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.action import Action
from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Facts
from security_hooks.model.word import Origin

_ACTIONS = {action.value: action for action in Action}

_Judging = Callable[[tuple[str, ...]], Judge]


def _predicate(name: str, kind: EffectKind, params: Params, judging: _Judging, doc: str, *, asks: bool) -> Predicate:
    kinds = frozenset({kind})
    return Predicate(
        name,
        params,
        doc,
        lambda arguments: some(kinds, judging(arguments)),
        shows(kinds),
        asks=asks,
        build_sure=lambda arguments: every(kinds, judging(arguments)),
        marks=lambda _arguments: marks_of_kinds(kinds),
        cost=Cost.TARGETS,
    )


def _build_action(arguments: tuple[str, ...]) -> Matcher:
    wanted = frozenset(_ACTIONS[argument] for argument in arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if command.action in wanted:
            return YES
        return UNKNOWN if not wanted.isdisjoint(command.may_be) else NO

    return match


def _build_action_surely(arguments: tuple[str, ...]) -> Matcher:
    wanted = frozenset(_ACTIONS[argument] for argument in arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if command.action not in wanted:
            return NO
        return truth_of(known=True) if wanted.issuperset(command.may_be) else UNKNOWN

    return match


def _show_action(facts: Facts) -> str:
    command = facts.command
    if command is None:
        return facts.call.tool.name
    perhaps = ", ".join(action.value for action in command.may_be)
    return f"{command.action.value}{f', perhaps {perhaps}' if perhaps else ''}"


_MAY = "UNKNOWN where it may be one of these, or the command does it only perhaps."

EXECUTES = _predicate(
    "executes",
    EffectKind.EXECUTES,
    Params("program", least=0, check=non_empty),
    judge_program,
    "The command runs one of these programs or scripts, or code in one of these languages (`python`, `sql`).\n\n"
    "A glob without a slash is about the base name. What the script itself spells out are commands of their own; "
    "this is about code and programs given as arguments, files, or what flows in. `<project>` and the other scopes "
    f"are about a program that is run by its path. {_MAY}",
    asks=True,
)
EXECUTES_FROM = _predicate(
    "executes_from",
    EffectKind.EXECUTES,
    Params("origin", choices=tuple(origin.value for origin in Origin)),
    judge_origin,
    "The command runs code that comes from there: `literal`, `file`, `decoded`, `network`, `unknown`.\n\n"
    "UNKNOWN where the origin is unknown and `unknown` is not asked for.",
    asks=True,
)
CONNECTS = _predicate(
    "connects",
    EffectKind.CONNECTS,
    Params("host", least=0, check=check_host),
    judge_host,
    "The command or tool connects to one of these hosts; without one, to any.\n\nLetter case does not matter. "
    f"`HOST:PORT` is such a host at a port that the call spells out. {_MAY}",
    asks=False,
)
SENDS = _predicate(
    "sends",
    EffectKind.CONNECTS,
    Params("host", least=0, check=check_host),
    judge_sending,
    "The command or tool sends data of its own to one of these hosts; without one, to any.\n\n"
    f"More than a request: an upload, a form, standard input, a file. {_MAY}",
    asks=False,
)
READS_ENV = _predicate(
    "reads_env",
    EffectKind.READS_ENV,
    Params("variable", least=0, check=non_empty),
    judge_variable,
    "The command reads one of these environment variables.\n\n"
    f"What prints all of them (`env`) is UNKNOWN where one is asked for. {_MAY}",
    asks=False,
)
SETS_ENV = _predicate(
    "sets_env",
    EffectKind.SETS_ENV,
    Params("variable", least=0, check=non_empty),
    judge_assignment,
    "The command sets one of these variables: `X=1 cmd`, `export X=1`, `env X=1 cmd`.\n\n"
    f'`NAME=GLOB` is one that is set to such a value: `sets_env("PATH=/tmp*")`. {_MAY}',
    asks=False,
)
SIGNALS = _predicate(
    "signals",
    EffectKind.SIGNALS,
    Params("process", least=0, check=non_empty),
    judge_target,
    f"The command signals one of these processes, by number or by name.\n\n{_MAY}",
    asks=True,
)
INSTALLS = _predicate(
    "installs",
    EffectKind.INSTALLS,
    Params("package", least=0, check=non_empty),
    judge_target,
    f"The command installs one of these packages, or runs one that it fetches first (`npx`).\n\n{_MAY}",
    asks=True,
)
MUTATES = _predicate(
    "mutates",
    EffectKind.MUTATES,
    Params("object", least=0, check=check_object, usual=OBJECTS),
    judge_object,
    "The command changes such a thing: `git`, `container`, `cloud`, `database`, `service`, `system`, `setting`.\n\n"
    'With a slash, one of that kind by its name: `mutates("service/ssh*")`. A setting is one of the program itself, '
    f'its name in small letters: `mutates("setting/http.sslverify=false")`. {_MAY}',
    asks=True,
)
CALLS = _predicate(
    "calls",
    EffectKind.CALLS,
    Params("server", least=0, check=non_empty),
    judge_call,
    'The command or tool calls a tool of one of these MCP servers (`calls("github")`), or one of these tools '
    f'(`calls("github/delete_*")`).\n\n{_MAY}',
    asks=False,
)
ACTION = Predicate(
    "action",
    Params("action", choices=tuple(action.value for action in Action)),
    "The command is an action of one of these kinds: `git_discard`, `container_destructive`, ...\n\n"
    "The kinds are those of [the command catalogue](catalogue.md#action-types). UNKNOWN where it may be one, as "
    '`git "$X"` may be any that git has.',
    _build_action,
    _show_action,
    asks=True,
    build_sure=_build_action_surely,
    marks=marks_of_actions,
    cost=Cost.LOOK,
)
