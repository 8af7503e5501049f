"""Parsed files of all layers to resolved rules: names looked up, arguments and clauses checked, errors collected."""

from collections.abc import Mapping, Sequence
from functools import partial

from security_hooks.dsl.clauses import CLAUSES, SELF_PROTECTION, Settings, read_settings
from security_hooks.dsl.complaints import Complaints, did_you_mean, quoted
from security_hooks.dsl.conditions import Conditions, Expanded
from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.scope import GUARD, PREDICATE_NAMES, LayeredFile, Scope
from security_hooks.dsl.syntax import At, MacroStatement, Matching, RuleStatement
from security_hooks.model.decision import Severity, Tier
from security_hooks.model.diagnostic import Diagnostic

__all__ = ["LONGEST_NAME", "LayeredFile", "resolve"]

LONGEST_NAME = 80

_ASKING = frozenset(predicate.name for predicate in PREDICATES if predicate.asks)
# Who may say that a rule protects the guard itself.
_GUARDIANS = frozenset({GUARD, "shipped", "system"})


def resolve(
    files: Sequence[LayeredFile], lists: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[ResolvedRule, ...], tuple[Diagnostic, ...]]:
    """The rules in force (disabled ones are checked and left out), by layer, file and line; and what is wrong.

    `lists` are the configuration's. A rule with an error is left out. The order of files does not matter.
    """
    complaints = Complaints()
    scope = Scope(files, lists, complaints)
    conditions = Conditions(scope, complaints)
    for definition in scope.definitions():
        if isinstance(definition.statement, MacroStatement):
            conditions.resolve_macro(definition.statement.name.text, definition.statement, definition.file)
    rules: list[tuple[ResolvedRule, bool]] = []
    names: dict[str, str] = {}
    protecting: set[str] = set()
    ordered = sorted(files, key=lambda file: (file.rank, file.source.file))
    for file in ordered:
        for rule in file.source.rules:
            is_sound = _check_name(rule, file, names, complaints)
            resolved, is_enabled = _rule(rule, file, scope, conditions, complaints)
            if resolved is not None and is_sound:
                rules.append((resolved, is_enabled))
                if SELF_PROTECTION in resolved.tags:
                    protecting.add(resolved.name)
    for file in ordered:
        for rule in file.source.rules:
            _check_removed(rule, file, names, protecting, complaints)
    sound = (rule for rule, is_enabled in rules if is_enabled and protecting.isdisjoint(rule.removes))
    return tuple(sound), complaints.all()


def _check_name(rule: RuleStatement, file: LayeredFile, names: dict[str, str], complaints: Complaints) -> bool:
    name = rule.name.text
    where = file.source.file
    if not name.strip() or len(name) > LONGEST_NAME or name != name.strip():
        message = (
            "a rule's name is empty"
            if not name.strip()
            else f"the name {quoted(name)} is too long or begins or ends in a blank"
        )
        complaints.error(
            where, rule.name.at, "rule-name", message, f"1 to {LONGEST_NAME} characters, like `git-force-push`"
        )
        return False
    if name in names:
        message = f"the rule {quoted(name)} is already defined at {names[name]}"
        complaints.error(where, rule.name.at, "duplicate-rule", message, "give one of them another name")
        return False
    names[name] = f"{where}:{rule.at.line}"
    return True


def _rule(
    rule: RuleStatement, file: LayeredFile, scope: Scope, conditions: Conditions, complaints: Complaints
) -> tuple[ResolvedRule | None, bool]:
    where = file.source.file

    def explain_word(word: str) -> str | None:
        if not scope.is_known(word, file):
            return None
        kind = "a predicate" if word in PREDICATE_NAMES else "a list" if scope.is_list(word, file) else "a macro"
        return f"{quoted(word)} is {kind}, not a clause"

    settings = read_settings(rule, where, complaints, explain_word)
    matches = _conditions(rule, "match", file, conditions)
    unless = _conditions(rule, "unless", file, conditions)
    sound = settings.sound and None not in matches and None not in unless
    if not matches:
        complaints.error(where, rule.at, "no-match", f"the rule {quoted(rule.name.text)} has no `match`", "add one")
        sound = False
    if rule.tier is Tier.EXCEPT and "for" not in settings.places:
        message = f"the exception {quoted(rule.name.text)} does not say for which rules"
        complaints.error(where, rule.at, "no-for", message, f"add `{CLAUSES['for'].usage}`")
        sound = False
    tags = settings.values.get("tags", ())
    if SELF_PROTECTION in tags and file.layer not in _GUARDIANS:
        message = f"the tag `{SELF_PROTECTION}` belongs to shipped rules and to the system's"
        complaints.error(where, settings.places["tags"], "wrong-layer", message, "use another tag")
        sound = False
    if not sound:
        return None, False
    found = tuple(part for part in matches if part is not None)
    resolved = ResolvedRule(
        tier=rule.tier,
        name=rule.name.text,
        file=where,
        line=rule.at.line,
        layer=file.layer,
        matches=tuple(part.condition for part in found),
        unless=tuple(part.condition for part in unless if part is not None),
        nudge=settings.one("nudge"),
        unknown_asks=_unknown_asks(rule.tier, settings, found),
        unknown_given="unknown" in settings.values,
        severity=Severity(settings.one("severity", Severity.MEDIUM.value)),
        tags=tags,
        tools=settings.values.get("on", ()),
        clients=settings.values.get("client", ()),
        examples=settings.examples,
        removes=settings.values.get("for", ()),
        until=settings.until,
        reason=settings.one("reason"),
    )
    return resolved, settings.one("enabled", "true") == "true"


def _conditions(rule: RuleStatement, keyword: str, file: LayeredFile, conditions: Conditions) -> list[Expanded | None]:
    return [
        conditions.resolve(clause.what, file)
        for clause in rule.clauses
        if isinstance(clause, Matching) and clause.keyword == keyword
    ]


def _unknown_asks(tier: Tier, settings: Settings, matches: Sequence[Expanded]) -> bool:
    if tier not in (Tier.BLOCK, Tier.SUSPICIOUS):
        return False
    if "unknown" in settings.values:
        return settings.one("unknown") == "ask"
    return any(not _ASKING.isdisjoint(part.predicates) for part in matches)


def _check_removed(
    rule: RuleStatement, file: LayeredFile, names: Mapping[str, str], protecting: set[str], complaints: Complaints
) -> None:
    for clause in rule.clauses:
        if rule.tier is not Tier.EXCEPT or isinstance(clause, Matching) or clause.keyword.text != "for":
            continue
        for value in clause.values:
            at: At = value.at
            if value.text in protecting:
                message = f"the rule {quoted(value.text)} protects the guard itself: it has no exceptions"
                complaints.error(file.source.file, at, "self-protection", message, "take it off the list")
            elif value.text not in names:
                # A warning: the rule may have had this name before an upgrade, and the exception then does nothing.
                message = f"there is no rule {quoted(value.text)}"
                complaints.warn(file.source.file, at, "unknown-rule", message, partial(did_you_mean, value.text, names))
