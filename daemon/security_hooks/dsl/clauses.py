"""The clauses of a rule other than `match` and `unless`: which tiers take them, and what they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from security_hooks.dsl.complaints import Complaints, did_you_mean, one_of, quoted
from security_hooks.dsl.nudge import PLACEHOLDERS, RULE, unknown_placeholders
from security_hooks.dsl.resolved import Example
from security_hooks.dsl.syntax import At, Name, RuleStatement, Setting, Text
from security_hooks.model.decision import Severity, Tier

JUDGING = frozenset({Tier.BLOCK, Tier.SUSPICIOUS})
TOLD = JUDGING | {Tier.WATCH}
EVERY = frozenset(Tier)
EXCEPTING = frozenset({Tier.EXCEPT})
SELF_PROTECTION = "self-protection"


@dataclass(frozen=True, slots=True)
class ClauseKind:
    """What a clause may look like: `usage` for messages, the tiers that take it, its values."""

    usage: str
    tiers: frozenset[Tier]
    choices: tuple[str, ...] = ()
    quoted: bool = True
    most: int | None = 1


CLAUSES: Mapping[str, ClauseKind] = {
    "nudge": ClauseKind('nudge "TEXT"', TOLD),
    "unknown": ClauseKind("unknown ask|pass", TOLD, ("ask", "pass"), quoted=False),
    "severity": ClauseKind("severity LEVEL", EVERY, tuple(level.value for level in Severity), quoted=False),
    "tags": ClauseKind('tags "TAG", ...', EVERY, quoted=False, most=None),
    "on": ClauseKind("on TOOL, ...", EVERY, quoted=False, most=None),
    "client": ClauseKind('client "CLIENT", ...', EVERY, quoted=False, most=None),
    "enabled": ClauseKind("enabled true|false", EVERY, ("true", "false"), quoted=False),
    "for": ClauseKind('for "RULE", ...', EXCEPTING, most=None),
    "until": ClauseKind("until TIME", EXCEPTING, quoted=False),
    "reason": ClauseKind('reason "TEXT"', EXCEPTING),
}
EXAMPLE = "example"
WORDS = (*CLAUSES, EXAMPLE, "match", "unless")


@dataclass(frozen=True, slots=True)
class Settings:
    """The clauses of one rule, read."""

    values: Mapping[str, tuple[str, ...]]
    examples: tuple[Example, ...]
    places: Mapping[str, At]
    until: int | None
    sound: bool

    def one(self, keyword: str, otherwise: str = "") -> str:
        """The only value of a clause."""
        return self.values.get(keyword, (otherwise,))[0]


def read_settings(
    rule: RuleStatement, file: str, complaints: Complaints, explain_word: Callable[[str], str | None]
) -> Settings:
    """All settings of a rule; `explain_word` says what a line's unknown first word is (a macro, a list)."""
    values: dict[str, tuple[str, ...]] = {}
    places: dict[str, At] = {}
    examples: list[Example] = []
    sound = True
    for clause in rule.clauses:
        if not isinstance(clause, Setting):
            continue
        word = clause.keyword.text
        if word == EXAMPLE:
            example = _example(clause, file, complaints)
            sound = sound and example is not None
            examples += () if example is None else (example,)
            continue
        kind = CLAUSES.get(word)
        if kind is None:
            sound = _unknown(clause, file, complaints, explain_word)
        elif word in places:
            message = f"`{word}` already stands in line {places[word].line} of this rule"
            complaints.error(file, clause.keyword.at, "duplicate-clause", message, "leave one of them out")
            sound = False
        else:
            places[word] = clause.keyword.at
            fits = _fits(clause, kind, rule.tier, file, complaints)
            sound = sound and fits
            values[word] = tuple(value.text for value in clause.values) if fits else ()
    values = {word: held for word, held in values.items() if held}
    until, until_fits = _until(values, places, file, complaints)
    return Settings(values, tuple(examples), places, until, sound and until_fits)


def _unknown(clause: Setting, file: str, complaints: Complaints, explain_word: Callable[[str], str | None]) -> bool:
    word = clause.keyword.text
    message = explain_word(word)
    if message is not None:
        complaints.error(file, clause.keyword.at, "bare-name", message, "a condition follows `match`")
    else:
        message = f"{quoted(word)} is not a clause"
        complaints.error(file, clause.keyword.at, "unknown-clause", message, partial(did_you_mean, word, WORDS))
    return False


def _fits(clause: Setting, kind: ClauseKind, tier: Tier, file: str, complaints: Complaints) -> bool:
    keyword = clause.keyword
    if tier not in kind.tiers:
        message = f"`{keyword.text}` means nothing in {_article(tier)} rule"
        takers = one_of(found.value for found in Tier if found in kind.tiers)
        complaints.error(file, keyword.at, "wrong-tier", message, f"it belongs to {takers}")
        return False
    count = len(clause.values)
    if count == 0 or (kind.most is not None and count > kind.most):
        complaints.error(file, keyword.at, "clause-values", f"`{keyword.text}` is written `{kind.usage}`")
        return False
    fits = True
    for value in clause.values:
        fits = _value_fits(keyword.text, value, kind, tier, file, complaints) and fits
    return fits


def _value_fits(word: str, value: Name | Text, kind: ClauseKind, tier: Tier, file: str, complaints: Complaints) -> bool:
    problem, hint, at = "", "", value.at
    if kind.choices and value.text not in kind.choices:
        problem = f"{quoted(value.text)} is no value of `{word}`"
        hint = did_you_mean(value.text, kind.choices, f"one of {one_of(kind.choices)}")
    elif kind.quoted and isinstance(value, Name):
        problem, hint = f"{quoted(value.text)} is not quoted", f"write `{kind.usage}`"
    elif not value.text.strip():
        problem = f"`{word}` is empty"
    elif word == "unknown" and tier is Tier.WATCH and value.text == "ask":
        problem, hint = "a `watch` rule never asks", "leave the clause out, or make the rule `suspicious`"
    elif word == "nudge" and (strange := unknown_placeholders(value.text)):
        offset, name = strange[0]
        problem = f"`{{{name}}}` is not a placeholder"
        known = (*PLACEHOLDERS, RULE)
        hint = did_you_mean(name, known, f"one of {one_of(sorted(known))}; a brace is written `{{{{`")
        # Escapes before it would shift the column; the quote itself is one character.
        at = At(value.at.line, value.at.column + 1 + offset + sum(map(value.text[:offset].count, '"\\')))
    if problem:
        complaints.error(file, at, "clause-value", problem, hint)
    return not problem


def _example(clause: Setting, file: str, complaints: Complaints) -> Example | None:
    match clause.values:
        case (Name(text="stop" | "pass" as kind), Text(text=text)):
            return Example(kind == "stop", text, clause.keyword.at.line)
    usage = '`example` is written `example stop "COMMAND"` or `example pass "COMMAND"`'
    complaints.error(file, clause.keyword.at, "clause-values", usage)
    return None


def _until(
    values: Mapping[str, tuple[str, ...]], places: Mapping[str, At], file: str, complaints: Complaints
) -> tuple[int | None, bool]:
    if "until" not in values:
        return None, True
    text = values["until"][0]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{quoted(text)} is not a time"
        hint = "write `2030-12-31` (its first moment, UTC) or `2030-12-31T18:00+01:00`"
        complaints.error(file, places["until"], "clause-value", message, hint)
        return None, False
    return int((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()), True


def _article(tier: Tier) -> str:
    return f"an `{tier.value}`" if tier in (Tier.ALLOW, Tier.EXCEPT) else f"a `{tier.value}`"
