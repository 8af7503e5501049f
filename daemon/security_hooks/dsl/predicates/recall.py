"""Predicates about what the session did before. Those that take a condition are answered in `dsl/recall.py`."""

from security_hooks.dsl.predicates.signature import NOTHING, Cost, Matcher, Params, Predicate, truth_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Facts

_CONDITION = Params("condition", least=1, most=1)
_USES = frozenset((EffectKind.READS, EffectKind.EXECUTES))


def _unanswered(_arguments: tuple[str, ...]) -> Matcher:
    return lambda _facts: Truth.NO


def _shown(facts: Facts) -> str:
    counts = facts.call.session.counts
    return f"{sum(count.times for count in counts)} earlier calls counted" if counts else "nothing counted"


def _build_made_here(_arguments: tuple[str, ...]) -> Matcher:
    def match(facts: Facts) -> Truth:
        written = facts.call.session.written
        if not written:
            return Truth.NO
        effects = facts.call.effects if facts.command is None else facts.command.effects
        return truth_of(
            any(
                effect.kind in _USES and effect.target is not None and effect.target.literal in written
                for effect in effects
            )
        )

    return match


def _build_ran_unseen(_arguments: tuple[str, ...]) -> Matcher:
    return lambda facts: truth_of(facts.call.session.ran_unseen)


AFTER = Predicate(
    "after",
    _CONDITION,
    "An earlier call of this session met the condition.\n\n"
    'With `within "10m"` it did so that lately (`s`, `m`, `h`, `d`; at most a day). Other calls may lie between. A '
    "call counts that was let through; where a YES makes the verdict looser (in `unless`, `except`, `allow`, under "
    "`not`), only one that is known to have run and is not known to have failed. Else an earlier command of the same "
    "script counts, too. Sub-agents and the agents that a session starts belong to it. Calls are counted from when a "
    "rule that asks is in force.",
    _unanswered,
    _shown,
    asks=False,
    cost=Cost.TEXTS,
    recalls='after(CONDITION) [within "10m"]',
)
COUNT = Predicate(
    "count",
    _CONDITION,
    "More than so many calls of this session met the condition, this one included.\n\n"
    "What counts as a call is told at `after`. A call counts once, however many of its commands meet the condition.",
    _unanswered,
    _shown,
    asks=False,
    cost=Cost.TEXTS,
    recalls='count(CONDITION) > NUMBER [within "10m"]',
)
FIRST_TIME = Predicate(
    "first_time",
    _CONDITION,
    "The command meets the condition, and no earlier call of this session did.\n\n"
    "What counts as a call is told at `after`. What memory has lost, because it is old, counts as never seen.",
    _unanswered,
    _shown,
    asks=False,
    cost=Cost.TEXTS,
    recalls='first_time(CONDITION) [within "10m"]',
)
RAN_UNSEEN = Predicate(
    "ran_unseen",
    NOTHING,
    "Something ran in this session that the guard was never asked about, or that it had denied.\n\n"
    "What the client wrote down of it shows that: from then on not all that the "
    "session did is known. The agents that a session starts belong to it. NO where memory or transcripts are off.",
    _build_ran_unseen,
    lambda facts: "something ran unseen" if facts.call.session.ran_unseen else "nothing ran unseen",
    asks=False,
    cost=Cost.LOOK,
    configured=True,
)
MADE_HERE = Predicate(
    "made_here",
    NOTHING,
    "The command reads or runs a file that an earlier call of this session wrote.",
    _build_made_here,
    lambda facts: ", ".join(sorted(facts.call.session.written)) or "nothing written",
    asks=False,
    cost=Cost.WORDS,
    configured=True,
)
