"""Predicates on what leaves a scope: changes, reads and connections outside of what their arguments allow.

Each asks every effect for itself, so that one write inside hides none outside. Without arguments there is no scope, and
nothing is outside.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from security_hooks.dsl.bounds import EXCEPTED, bounds_of
from security_hooks.dsl.marks import marks_of_actions, marks_of_kinds
from security_hooks.dsl.predicates.effects import Judge, every, folded, shows, some
from security_hooks.dsl.predicates.signature import NO, UNKNOWN, YES, Cost, Lists, Matcher, Params, Predicate
from security_hooks.dsl.predicates.targets import check_host, judge_host
from security_hooks.dsl.truth import Truth, negate
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.shell import Facts

DENIED, ASKED = "<denied>", "<asked>"
# The machine itself belongs to every scope.
LOCAL_HOSTS = ("localhost", "*.localhost", "127.*", "0.0.0.0", "::1", "[[]::1]")  # noqa: S104 - a name, nothing is bound
MOST_NAMED = 8

_CHANGES = frozenset(
    {EffectKind.WRITES, EffectKind.DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE, EffectKind.NAMES}
)
_CONNECTS = frozenset({EffectKind.CONNECTS})
# What takes something away to a host that it knows by itself.
_TAKING = frozenset({Action.NETWORK_WRITE, Action.PACKAGE_PUBLISH})
_USUAL_REMOTE = "origin"
_READS = frozenset({EffectKind.READS})

# Of a push git alone says where it goes; it is one of these actions.
_HOST_MARKS = marks_of_actions(
    action.value for action in (*_TAKING, Action.GIT_REMOTE_WRITE, Action.GIT_HISTORY_REWRITE)
)

_Judging = Callable[[tuple[str, ...]], Judge]


class Left(NamedTuple):
    """What was found outside, how surely, and of which scope: left in the memo of the call, for nudges."""

    truth: Truth
    name: str
    scope: str


def left(facts: Facts, *, is_host: bool = False) -> Left:
    """What the predicates that were asked about these facts found outside."""
    known = facts.call.memo.get(_key(facts, is_host=is_host))
    unsaid = "a host that the call does not name" if is_host else "what is not known"
    return known if isinstance(known, Left) else Left(NO, unsaid, "its entries")


def _key(facts: Facts, *, is_host: bool) -> tuple[str, bool, int]:
    return "outside", is_host, -1 if facts.command is None else facts.command.index


def _judge_path(entries: tuple[str, ...]) -> Judge:
    def judge(effect: Effect, facts: Facts) -> Truth | None:
        if effect.remote:
            # On another machine, or in a container.
            return None
        place = facts.call.place
        truth = bounds_of(entries, place.project or place.cwd, place.home).outside(effect, facts.call)
        return min(truth, UNKNOWN) if effect.kind is EffectKind.NAMES else truth

    return judge


def _judge_host(entries: tuple[str, ...]) -> Judge:
    given = tuple(entry for entry in entries if not entry.startswith(EXCEPTED))
    allowed = judge_host((*given, *LOCAL_HOSTS)) if given else None
    excepted = tuple(entry[1:] for entry in entries if entry.startswith(EXCEPTED))
    denied = judge_host(excepted) if excepted else None

    def judge(effect: Effect, facts: Facts) -> Truth:
        inside = YES if allowed is None else allowed(effect, facts) or NO
        gone = NO if denied is None else denied(effect, facts) or NO
        return max(negate(inside), gone)

    return judge


def _telling(judge: Judge, entries: tuple[str, ...]) -> Judge:
    """The same, leaving word of the surest that was found outside."""
    scope = ", ".join(f"`{entry}`" for entry in entries[:MOST_NAMED]) + (", ..." if len(entries) > MOST_NAMED else "")

    def telling(effect: Effect, facts: Facts) -> Truth | None:
        truth = judge(effect, facts)
        if truth is not None and truth is not NO:
            truth = truth if effect.certain else min(truth, UNKNOWN)
            is_host = effect.kind is EffectKind.CONNECTS
            if truth > left(facts, is_host=is_host).truth:
                facts.call.memo[_key(facts, is_host=is_host)] = Left(truth, _named(effect, truth), scope)
        return truth

    return telling


def _named(effect: Effect, truth: Truth) -> str:
    if effect.target is None:
        return "something that is not known"
    name = folded(effect.target)
    if effect.real is not None and effect.real.literal != name:
        name = f"{name} (which is {folded(effect.real)})"
    if effect.unresolved:
        return f"{name} (nobody can say where that leads)"
    return name if truth is YES else f"{name} (perhaps)"


def _predicate(
    name: str,
    kinds: frozenset[EffectKind],
    params: Params,
    judging: _Judging,
    doc: str,
    classes: "_Classes",
    build: Callable[[tuple[str, ...]], Matcher] | None = None,
    marks: int = 0,
) -> Predicate:
    def build_some(arguments: tuple[str, ...]) -> Matcher:
        return some(kinds, _telling(judging(arguments), arguments)) if arguments else _nothing

    def build_sure(arguments: tuple[str, ...]) -> Matcher:
        return every(kinds, judging(arguments)) if arguments else _nothing

    return Predicate(
        name,
        params,
        doc,
        build or build_some,
        shows(kinds),
        asks=True,
        build_sure=build_sure,
        marks=lambda arguments: marks_of_kinds(kinds) | marks if arguments else 0,
        cost=Cost.TARGETS,
        classes=classes,
        configured=True,
    )


def _build_host(entries: tuple[str, ...]) -> Matcher:
    if not entries:
        return _nothing
    named = some(_CONNECTS, _telling(_judge_host(entries), entries))
    given = frozenset(entry for entry in entries if not entry.startswith(EXCEPTED))

    def match(facts: Facts) -> Truth:
        truth = named(facts)
        return UNKNOWN if truth is NO and given and _connects_unsaid(facts, given) else truth

    return match


def _connects_unsaid(facts: Facts, given: frozenset[str]) -> bool:
    """Whether the command takes something to a host that it does not name: `git push`, `npm publish`."""
    command = facts.command
    if command is None or any(effect.kind is EffectKind.CONNECTS for effect in command.effects):
        return False
    if command.program == "git":
        return command.subcommands[:1] == ("push",) and _USUAL_REMOTE not in given
    return command.action in _TAKING


def _nothing(_facts: Facts) -> Truth:
    return NO


def _check_entry(argument: str) -> str | None:
    if argument in (DENIED, ASKED):
        return None
    entry = argument.removeprefix(EXCEPTED)
    if not entry.strip():
        return "is empty"
    if entry.startswith("~") and entry[1:2] not in ("", "/"):
        return "names a person's home: write `~/...` or `/home/NAME/...`"
    return None


def _check_host(argument: str) -> str | None:
    return None if argument in (DENIED, ASKED) else check_host(argument.removeprefix(EXCEPTED))


_Classes = Mapping[str, Callable[[Lists], tuple[str, ...]]]


def _classes(name: str, **needs: str) -> _Classes:
    """The entries of a list where `[scope] outside` says so, else none."""

    def held(word: str) -> Callable[[Lists], tuple[str, ...]]:
        wanted = {"scope_outside": word, **needs}
        return lambda lists: lists.get(name, ()) if all(lists.get(key) == (wanted[key],) for key in wanted) else ()

    return {DENIED: held("deny"), ASKED: held("ask")}


_ENTRY = Params("entry", least=0, check=_check_entry, usual=(DENIED, ASKED))
_HOW = (
    "Arguments are entries as `[scope] paths` has them, see [scope](scope.md): a file or directory with all below it, "
    "or a glob; from the project where it is relative; what begins with `!` is outside, even inside of another. "
    "`<denied>` and `<asked>` are those of `[scope]`, as its key `outside` says. Without entries nothing is outside. "
)

CHANGES_OUTSIDE = _predicate(
    "changes_outside",
    _CHANGES,
    _ENTRY,
    _judge_path,
    "The command or tool writes, deletes, moves or opens up something that lies outside of these.\n\n"
    f"{_HOW}Links are followed. UNKNOWN where it may lie outside, where nobody knows what is done with it, and where a "
    "link cannot be followed. Where a YES would make the verdict looser, all that it changes must lie outside.",
    _classes("scope_paths"),
)
READS_OUTSIDE = _predicate(
    "reads_outside",
    _READS,
    _ENTRY,
    _judge_path,
    "The command or tool reads something that lies outside of these.\n\n"
    f'{_HOW}`<denied>` and `<asked>` hold something only with `[scope] reads = "scope"`. Links are followed. UNKNOWN '
    "where it may lie outside. Where a YES would make the verdict looser, all that it reads must lie outside.",
    _classes("scope_paths", scope_reads="scope"),
)
CONNECTS_OUTSIDE = _predicate(
    "connects_outside",
    _CONNECTS,
    Params("host", least=0, check=_check_host, usual=(DENIED, ASKED)),
    _judge_host,
    "The command or tool connects to a host that is none of these.\n\n"
    "Arguments are entries as `[scope] hosts` has them, see [scope](scope.md): hosts, globs, `HOST:PORT`; what begins "
    "with `!` is outside, whatever else is said. `<denied>` and `<asked>` are those of `[scope]`, as its key `outside` "
    "says. This machine is never outside unless it is said so. Without entries nothing is. UNKNOWN where the host is "
    "not known, and for what takes something to a host without naming it (`git push`, `npm publish`).",
    _classes("scope_hosts"),
    _build_host,
    _HOST_MARKS,
)
