"""How asks were answered, as tables: sections of `audit stats`."""

from collections.abc import Iterator

from security_hooks.cli.blind import seconds
from security_hooks.cli.table import table
from security_hooks.insight.attention import Attention, BusiestHour, RuleAsks, Times
from security_hooks.insight.streaks import Streak

_RULES_OF_STREAK = 4
_RULE_HEAD = (
    *("rule", "asks", "per hour", "busiest hour", "approved", "permitted", "rejected"),
    *("unanswered", "blind", "median"),
)


def attention_sections(found: Attention) -> Iterator[tuple[str, list[str]]]:
    """Titles with their lines, which may be none."""
    yield "what became of asks", list(_answers(found))
    yield "time to answer", list(_times(found))
    limit = seconds(found.blind_ms)
    yield f"blind: approved in less than {limit}, before anybody can have read what was asked", list(_blind(found))
    rules = [_rule(rule) for rule in found.rules]
    yield "asks by rule", list(table([_RULE_HEAD, *rules])) if rules else []


def _answers(found: Attention) -> Iterator[str]:
    if found.busiest is None:
        return
    yield f"{found.per_hour} per hour, {_busiest(found.busiest)} in the busiest"
    named = (
        ("approved", found.approved),
        ("permitted", found.permitted),
        ("rejected", found.rejected),
        ("unanswered", found.unanswered),
    )
    yield from table([(name, str(count), f"{100 * count / found.asks:.1f} %") for name, count in named])


def _times(found: Attention) -> Iterator[str]:
    rows = [
        (name, str(times.answers), *map(_time, (times.fastest_ms, times.median_ms, times.p90_ms)))
        for name, times in (("exactly", found.exact), ("at most", found.at_most))
        if times.answers
    ]
    if rows:
        yield from table([("", "answers", "fastest", "median", "p90"), *rows])
    if found.untimed:
        yield f"not known of {found.untimed}, given while the clock was put back"


def _blind(found: Attention) -> Iterator[str]:
    if not found.approved or not found.blind_ms:
        return
    yield f"{found.blind} of {found.approved} approvals; {found.streak_of} or more in a row: {_times_of(found.streaks)}"
    if found.longest_streak is not None:
        yield f"longest: {_streak(found.longest_streak)}"
    if found.current_streak is not None:
        yield f"not ended yet: {_streak(found.current_streak)}"


def _times_of(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _streak(streak: Streak) -> str:
    shown = [f"{rule.name} {rule.calls}" for rule in streak.rules[:_RULES_OF_STREAK]]
    shown += ["..."] if len(streak.rules) > _RULES_OF_STREAK else []
    return f"{streak.asks} in a row, {_minute(streak.first)} to {_minute(streak.last)}: {', '.join(shown)}"


def _rule(rule: RuleAsks) -> tuple[str, ...]:
    counts = (rule.approved, rule.permitted, rule.rejected, rule.unanswered, rule.blind)
    return (
        *(rule.rule, str(rule.asks), str(rule.per_hour), _busiest(rule.busiest)),
        *map(str, counts),
        _median(rule.exact, rule.at_most),
    )


def _median(exact: Times, at_most: Times) -> str:
    if exact.answers:
        return _time(exact.median_ms)
    return f"at most {_time(at_most.median_ms)}" if at_most.answers else "-"


def _busiest(hour: BusiestHour) -> str:
    return f"{hour.asks} ({_minute(hour.start)})"


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _time(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else seconds(milliseconds)
