"""Predicates on what a call does to anything but files: programs, hosts, variables, processes, packages, objects."""

from collections.abc import Callable

from security_hooks.dsl.globs import is_literal
from security_hooks.dsl.marks import marks_of_actions, marks_of_kinds
from security_hooks.dsl.predicates.effects import Judge, every, shows, some
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Matcher,
    Params,
    Predicate,
    non_empty,
    truth_of,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import WordGlobs, word_globs
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.shell import Facts
from security_hooks.model.word import Hole, Origin, Word

OBJECTS = ("git", "container", "cloud", "database", "service", "system")
_ALL = "*"
_ACTIONS = {action.value: action for action in Action}

_Judging = Callable[[tuple[str, ...]], Judge]


def _matched(wanted: WordGlobs, word: Word | None) -> Truth:
    return UNKNOWN if word is None else wanted.match(word)


def _judge_target(arguments: tuple[str, ...]) -> Judge:
    wanted = word_globs(arguments)
    return lambda effect, _facts: YES if not arguments else _matched(wanted, effect.target)


def _judge_host(arguments: tuple[str, ...]) -> Judge:
    wanted = word_globs(argument.lower() for argument in arguments)
    return lambda effect, _facts: YES if not arguments else _matched(wanted, _lower(effect.target))


def _judge_sending(arguments: tuple[str, ...]) -> Judge:
    host = _judge_host(arguments)
    return lambda effect, facts: host(effect, facts) if effect.sends else None


def _lower(word: Word | None) -> Word | None:
    if word is None or (word.literal is not None and word.literal.islower()):
        return word
    parts = tuple(part if isinstance(part, Hole) else part.lower() for part in word.parts)
    return Word(parts, word.span, None if word.literal is None else word.literal.lower())


def _judge_variable(arguments: tuple[str, ...]) -> Judge:
    wanted = word_globs(arguments)

    def judge(effect: Effect, _facts: Facts) -> Truth:
        target = effect.target
        if not arguments:
            return YES
        # Something that is given, or prints, the whole environment.
        return UNKNOWN if target is None or target.literal == _ALL else wanted.match(target)

    return judge


def _judge_program(arguments: tuple[str, ...]) -> Judge:
    names = word_globs(glob for argument in arguments for glob in _anywhere(argument))
    languages = frozenset(argument for argument in arguments if is_literal(argument))

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if not arguments or effect.object in languages:
            return YES
        if effect.target is None:
            # Code in a language that is known is no program of another name.
            return NO if effect.object else UNKNOWN
        return names.match(effect.target)

    return judge


def _anywhere(argument: str) -> tuple[str, ...]:
    return (argument,) if "/" in argument else (argument, f"*/{argument}")


def _judge_origin(arguments: tuple[str, ...]) -> Judge:
    wanted = frozenset(map(Origin, arguments))

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if effect.origin in wanted:
            return YES
        return UNKNOWN if effect.origin is Origin.UNKNOWN else NO

    return judge


def _judge_object(arguments: tuple[str, ...]) -> Judge:
    kinds = frozenset(argument for argument in arguments if "/" not in argument)
    named = {
        kind: word_globs(name for argument in arguments for begins, slash, name in [argument.partition("/")]
                         if slash and begins == kind)
        for kind in OBJECTS
    }  # fmt: skip

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if not arguments or effect.object in kinds:
            return YES
        wanted = named.get(effect.object)
        return NO if wanted is None or not wanted.automata else _matched(wanted, effect.target)

    return judge


def _check_object(argument: str) -> str | None:
    kind, slash, name = argument.partition("/")
    if kind not in OBJECTS:
        return f"is nothing that can be changed: one of {', '.join(OBJECTS)}"
    return "names no object" if slash and not name else None


def _judge_call(arguments: tuple[str, ...]) -> Judge:
    wanted = word_globs(argument if "/" in argument else f"{argument}/*" for argument in arguments)
    return lambda effect, _facts: YES if not arguments else _matched(wanted, effect.target)


def _check_host(argument: str) -> str | None:
    return "is no host: leave out what stands around it" if not argument or "/" in argument else None


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
    _judge_program,
    "The command runs one of these programs or scripts, or code in one of these languages (`python`, `sql`).\n\n"
    "A glob without a slash is about the base name. What the script itself spells out are commands of their own; "
    f"this is about code and programs given as arguments, files, or what flows in. {_MAY}",
    asks=True,
)
EXECUTES_FROM = _predicate(
    "executes_from",
    EffectKind.EXECUTES,
    Params("origin", choices=tuple(origin.value for origin in Origin)),
    _judge_origin,
    "The command runs code that comes from there: `literal`, `file`, `decoded`, `network`, `unknown`.\n\n"
    "UNKNOWN where the origin is unknown and `unknown` is not asked for.",
    asks=True,
)
CONNECTS = _predicate(
    "connects",
    EffectKind.CONNECTS,
    Params("host", least=0, check=_check_host),
    _judge_host,
    f"The command or tool connects to one of these hosts; without one, to any.\n\nLetter case does not matter. {_MAY}",
    asks=False,
)
SENDS = _predicate(
    "sends",
    EffectKind.CONNECTS,
    Params("host", least=0, check=_check_host),
    _judge_sending,
    "The command or tool sends data of its own to one of these hosts; without one, to any.\n\n"
    f"More than a request: an upload, a form, standard input, a file. {_MAY}",
    asks=False,
)
READS_ENV = _predicate(
    "reads_env",
    EffectKind.READS_ENV,
    Params("variable", least=0, check=non_empty),
    _judge_variable,
    "The command reads one of these environment variables.\n\n"
    f"What prints all of them (`env`) is UNKNOWN where one is asked for. {_MAY}",
    asks=False,
)
SETS_ENV = _predicate(
    "sets_env",
    EffectKind.SETS_ENV,
    Params("variable", least=0, check=non_empty),
    _judge_variable,
    f"The command sets one of these variables: `X=1 cmd`, `export X=1`, `env X=1 cmd`.\n\n{_MAY}",
    asks=False,
)
SIGNALS = _predicate(
    "signals",
    EffectKind.SIGNALS,
    Params("process", least=0, check=non_empty),
    _judge_target,
    f"The command signals one of these processes, by number or by name.\n\n{_MAY}",
    asks=True,
)
INSTALLS = _predicate(
    "installs",
    EffectKind.INSTALLS,
    Params("package", least=0, check=non_empty),
    _judge_target,
    f"The command installs one of these packages, or runs one that it fetches first (`npx`).\n\n{_MAY}",
    asks=True,
)
MUTATES = _predicate(
    "mutates",
    EffectKind.MUTATES,
    Params("object", least=0, check=_check_object),
    _judge_object,
    "The command changes such a thing: `git`, `container`, `cloud`, `database`, `service`, `system`.\n\n"
    f'With a slash, one of that kind by its name: `mutates("service/ssh*")`. {_MAY}',
    asks=True,
)
CALLS = _predicate(
    "calls",
    EffectKind.CALLS,
    Params("server", least=0, check=non_empty),
    _judge_call,
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
)
