"""`flow`: data that goes from one place to another within one call."""

from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from security_hooks.dsl.marks import FLOWING
from security_hooks.dsl.pathglobs import PathGlobs, path_globs
from security_hooks.dsl.predicates.effects import describe
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Lists,
    Matcher,
    Params,
    Predicate,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import WordGlobs, word_globs
from security_hooks.model.effect import Effect, EffectKind, Flow
from security_hooks.model.shell import Facts

SENSITIVE = "sensitive"
_ENVIRONMENT = "environment"
_SOURCES = {"network": EffectKind.CONNECTS, "file": EffectKind.READS}
_SINKS = {
    "network": EffectKind.CONNECTS,
    "execution": EffectKind.EXECUTES,
    "file": EffectKind.WRITES,
}
_BY_COMMAND = object()
_USUAL = tuple(dict.fromkeys((SENSITIVE, _ENVIRONMENT, *_SOURCES, *_SINKS)))

_End: TypeAlias = Callable[[Effect, Facts], Truth]
_Flows: TypeAlias = Mapping[int, tuple[Flow, ...]]


def _check(argument: str) -> str | None:
    if not argument.strip():
        return "is empty"
    return "names no variable" if argument == "$" else None


def _sensitive(lists: Lists) -> tuple[str, ...]:
    return (*lists.get("sensitive_paths", ()), *(f"${name}" for name in lists.get("secret_env_vars", ())))


def _source(arguments: tuple[str, ...]) -> _End:
    kinds = frozenset(_SOURCES[argument] for argument in arguments if argument in _SOURCES)
    variables = word_globs(argument[1:] for argument in arguments if argument.startswith("$"))
    others = (_ENVIRONMENT, *_SOURCES)
    written = [argument for argument in arguments if argument not in others and not argument.startswith("$")]
    whole = _ENVIRONMENT in arguments
    paths = path_globs(written) if written else None

    def judge(effect: Effect, facts: Facts) -> Truth:
        if effect.kind in kinds:
            return YES
        if effect.kind is EffectKind.READS_ENV:
            is_whole = effect.target is None or effect.target.literal == "*"
            return YES if whole and is_whole else _variable(variables, effect)
        if effect.kind in (EffectKind.READS, EffectKind.NAMES) and paths is not None:
            return _path(paths, effect, facts.call.place.home)
        return NO

    return judge


def _variable(wanted: WordGlobs, effect: Effect) -> Truth:
    if not wanted.alternatives:
        return NO
    # All variables at once hold every secret there is.
    return UNKNOWN if effect.target is None else YES if effect.target.literal == "*" else wanted.match(effect.target)


def _path(wanted: PathGlobs, effect: Effect, home: str) -> Truth:
    best = UNKNOWN if effect.target is None else NO
    for word in (effect.target, effect.real):
        if word is None:
            continue
        if effect.recursive or effect.contents:
            reach = wanted.reach(word, home)
            doubtful = UNKNOWN if reach.anywhere else NO
            best = max(best, reach.itself, doubtful, reach.below if reach.near else min(reach.below, UNKNOWN))
        else:
            best = max(best, wanted.itself(word, home))
    return best


def _sink(argument: str) -> _End:
    kind = _SINKS.get(argument)
    if kind is not None:
        return lambda effect, _facts: YES if effect.kind is kind else NO
    hosts = word_globs([argument.lower()])

    def judge(effect: Effect, _facts: Facts) -> Truth:
        if effect.kind is not EffectKind.CONNECTS:
            return NO
        return UNKNOWN if effect.target is None else hosts.match(effect.target)

    return judge


def _flows(facts: Facts) -> _Flows:
    memo = facts.call.memo
    known = memo.get(_BY_COMMAND)
    if known is None:
        found: dict[int, list[Flow]] = {}
        script = facts.call.script
        for flow in script.flows if script is not None else ():
            for index in {flow.source_command, flow.sink_command}:
                found.setdefault(index, []).append(flow)
        memo[_BY_COMMAND] = known = {index: tuple(flows) for index, flows in found.items()}
    return cast("_Flows", known)


def _build(arguments: tuple[str, ...]) -> Matcher:
    source, sink = _source(arguments[:-1]), _sink(arguments[-1])

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        best = NO
        # One effect may feed a hundred others.
        sources: dict[int, Truth] = {}
        for flow in _flows(facts).get(command.index, ()):
            truth = sink(flow.sink, facts)
            if truth is NO:
                continue
            known = sources.get(id(flow.source))
            if known is None:
                known = sources[id(flow.source)] = source(flow.source, facts)
            truth = min(truth, known)
            if truth is YES and flow.certain and flow.source.certain and flow.sink.certain:
                return YES
            best = max(best, min(truth, UNKNOWN))
        return best

    return match


def _show(facts: Facts) -> str:
    command = facts.command
    found = () if command is None else _flows(facts).get(command.index, ())
    return "; ".join(f"{describe(flow.source)} -> {describe(flow.sink)}" for flow in found[:5]) or "no flow"


FLOW = Predicate(
    "flow",
    Params("end", least=2, check=_check, last=True, usual=_USUAL),
    "Data goes from one of the sources, all arguments but the last, to the sink, which is the last.\n\n"
    "Sources are path globs, variables (`$AWS_*`), or `sensitive` (all of `sensitive_paths` and `secret_env_vars`), "
    "`environment` (all of it at once), `file`, `network`; the sink is `network`, `execution`, `file` or a host: "
    '`flow("sensitive", "network")`, `flow("network", "execution")`. True of the command that reads and of the one '
    "that sends. UNKNOWN where an end may be one of these, or the way is not certain.",
    _build,
    _show,
    asks=False,
    marks=lambda _arguments: FLOWING,
    cost=Cost.TARGETS,
    classes={SENSITIVE: _sensitive},
)
