"""Predicates on how a script is built around a command, and on how well we understood it."""

from collections.abc import Callable, Mapping
from typing import cast

from security_hooks.dsl import marks
from security_hooks.dsl.globs import Globs, globs
from security_hooks.dsl.predicates.signature import (
    NO,
    NOTHING,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    of_commands,
    programs_of,
    show_command,
    truth_of,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Command, Facts, Script
from security_hooks.model.word import Origin

_CONSTRUCTS = (
    "subshell",
    "group",
    "loop",
    "function",
    "substitution",
    "process_substitution",
    "condition",
    "background",
    "coproc",
    "trap",
)
_PIPELINES = object()


def _stages(facts: Facts, script: Script) -> Mapping[int, list[tuple[int, Command]]]:
    known = facts.call.memo.get(_PIPELINES)
    if known is None:
        stages: dict[int, list[tuple[int, Command]]] = {}
        for command in script.commands:
            for pipe in command.pipes:
                stages.setdefault(pipe.pipeline, []).append((pipe.stage, command))
        facts.call.memo[_PIPELINES] = known = stages
    return cast("Mapping[int, list[tuple[int, Command]]]", known)


_Ends = Mapping[int, Mapping[Truth, tuple[int, int]]]


def _ends(stages: Mapping[int, list[tuple[int, Command]]], names: Globs) -> _Ends:
    """For each pipeline the first and the last stage that runs one of the names, and that may run one."""
    ends: dict[int, dict[Truth, tuple[int, int]]] = {}
    for pipeline, members in stages.items():
        found = ends[pipeline] = {}
        for stage, command in members:
            truth = _runs(command, names)
            if truth is not NO:
                first, last = found.get(truth, (stage, stage))
                found[truth] = (min(first, stage), max(last, stage))
    return ends


def _build_pipeline(is_wanted: Callable[[int, int], bool]) -> Callable[[tuple[str, ...]], Matcher]:
    def build(arguments: tuple[str, ...]) -> Matcher:
        names = globs(arguments)
        # Once for a call and not for each command: a pipeline may have thousands of stages.
        key = object()

        def match(facts: Facts) -> Truth:
            command, script = facts.command, facts.call.script
            if command is None or script is None:
                return without_command(facts)
            if not command.pipes:
                return NO
            known = facts.call.memo.get(key)
            if known is None:
                facts.call.memo[key] = known = _ends(_stages(facts, script), names)
            ends = cast("_Ends", known)
            for truth in (YES, UNKNOWN):
                for pipe in command.pipes:
                    for stage in ends[pipe.pipeline].get(truth, ()):
                        if is_wanted(pipe.stage, stage):
                            return truth
            return NO

        return match

    return build


def _runs(command: Command, names: Globs) -> Truth:
    if any(names.match(program) for program in programs_of(command)):
        return YES
    return UNKNOWN if command.program is None and command.words else NO


def _show_pipeline(facts: Facts) -> str:
    command, script = facts.command, facts.call.script
    if command is None or script is None or not command.pipes:
        return "no pipeline"
    stages = _stages(facts, script)
    return "; ".join(
        " | ".join(f"{stage}:{other.program or '?'}" for stage, other in stages[pipe.pipeline])
        for pipe in command.pipes
    )


def _build_inside(arguments: tuple[str, ...]) -> Matcher:
    constructs = frozenset(arguments)

    def match(facts: Facts) -> Truth:
        command = facts.command
        return without_command(facts) if command is None else truth_of(not constructs.isdisjoint(command.inside))

    return match


def _is_obfuscated(facts: Facts) -> Truth:
    command = facts.command
    if command is None:
        return without_command(facts)
    return truth_of(command.spelled_oddly or command.origin is Origin.DECODED)


def _is_unparseable(facts: Facts) -> Truth:
    script = facts.call.script
    return truth_of(script is not None and script.unparseable)


def _is_over_budget(facts: Facts) -> Truth:
    script = facts.call.script
    return truth_of(script is not None and script.over_budget)


def _has_unanalysed_code(facts: Facts) -> Truth:
    script = facts.call.script
    return truth_of(facts.call.tool.unanalysed_code or (script is not None and script.dynamic))


def _show_problem(facts: Facts) -> str:
    script = facts.call.script
    return (script.problem if script is not None else None) or "nothing amiss"


def _show_code(facts: Facts) -> str:
    script = facts.call.script
    if script is not None and script.dynamic:
        return "code that is not known before it runs"
    return facts.call.tool.name


def _show_inside(facts: Facts) -> str:
    return " ".join(facts.command.inside) if facts.command is not None else show_command(facts)


def _always(matcher: Matcher) -> Callable[[tuple[str, ...]], Matcher]:
    return lambda _arguments: matcher


def _one(mark: int) -> Callable[[tuple[str, ...]], int]:
    return lambda _arguments: mark


PIPELINE_TO = Predicate(
    "pipeline_to",
    Params("program", check=non_empty),
    "A later stage of a pipeline that this command stands in runs one of these programs.\n\n"
    "`cat x | sort | curl -d @- host`: true of `cat` and of `sort`. UNKNOWN where a later stage runs a program that "
    "is not known.",
    _build_pipeline(lambda own, other: other > own),
    _show_pipeline,
    asks=True,
    marks=of_commands,
)
PIPELINE_FROM = Predicate(
    "pipeline_from",
    Params("program", check=non_empty),
    "An earlier stage of a pipeline that this command stands in runs one of these programs.\n\n"
    "`curl host | tar x | sh`: true of `tar` and of `sh`. UNKNOWN where an earlier stage runs a program that is not "
    "known.",
    _build_pipeline(lambda own, other: other < own),
    _show_pipeline,
    asks=True,
    marks=of_commands,
)
INSIDE = Predicate(
    "inside",
    Params("construct", choices=_CONSTRUCTS),
    "The command stands inside one of these constructs, at any depth.",
    _build_inside,
    _show_inside,
    asks=False,
    marks=of_commands,
    cost=Cost.LOOK,
)
OBFUSCATED = Predicate(
    "obfuscated",
    NOTHING,
    "The command hides what it is: its name is spelled with quoting that no person needs (`r''m`), or its text is "
    "decoded from something else.",
    _always(_is_obfuscated),
    show_command,
    asks=True,
    marks=_one(marks.OBFUSCATED),
    cost=Cost.LOOK,
)
UNPARSEABLE = Predicate(
    "unparseable",
    NOTHING,
    "The script could not be read to its end.",
    _always(_is_unparseable),
    _show_problem,
    asks=False,
    marks=_one(marks.UNPARSEABLE),
    cost=Cost.LOOK,
)
OVER_BUDGET = Predicate(
    "over_budget",
    NOTHING,
    "The script was too large, too deeply nested or too slow to understand.",
    _always(_is_over_budget),
    _show_problem,
    asks=False,
    marks=_one(marks.OVER_BUDGET),
    cost=Cost.LOOK,
)
UNANALYSED_CODE = Predicate(
    "unanalysed_code",
    NOTHING,
    "The call carries or would run code that we cannot read: a tool for another language, a prompt for later, "
    '`eval "$X"`, `curl .. | sh`.',
    _always(_has_unanalysed_code),
    _show_code,
    asks=False,
    marks=_one(marks.UNANALYSED),
    cost=Cost.LOOK,
)
