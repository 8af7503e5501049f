"""Rules that do nothing, or nearly everything: what lint says of one rule by itself."""

from datetime import UTC, datetime

from security_hooks.dsl.compile import LOOSENING
from security_hooks.dsl.complaints import Complaints, one_of, quoted
from security_hooks.dsl.implication import Asked, implies, is_everything, never_holds, only_denies
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Pattern, ResolvedRule
from security_hooks.dsl.syntax import At, Matching, Name, RuleStatement, Setting
from security_hooks.model.decision import Tier
from security_hooks.model.event import ToolKind

# Tools that never carry a script, and predicates that answer NO where there is none.
COMMANDLESS = frozenset(
    kind.value
    for kind in (
        ToolKind.READ,
        ToolKind.WRITE,
        ToolKind.EDIT,
        ToolKind.PATCH,
        ToolKind.SEARCH,
        ToolKind.FETCH,
        ToolKind.WEB_SEARCH,
    )
)
ABOUT_COMMANDS = frozenset(
    {
        *("command", "base_command_not_in", "subcommand", "with_flags", "argument", "origin", "wrapped_by"),
        *("pipeline_to", "pipeline_from", "inside", "action", "flow", "unparseable", "over_budget"),
    }
)
_KINDS = frozenset(kind.value for kind in ToolKind)


def lint_reach(rule: ResolvedRule, statement: RuleStatement | None, complaints: Complaints) -> bool:
    """Tell if the rule can never surely match, or matches without asking for anything; whether it is sound so far."""
    loosens = rule.tier in LOOSENING
    places = _places(rule, statement)
    dead = [_why_dead(rule, condition, loosens=loosens) for condition in rule.matches]
    if all(dead):
        message = f"{quoted(rule.name)} is never sure of a match: {dead[0]}"
        complaints.warn(rule.file, places[0], "dead", message, "change the conditions, or leave the rule out")
        return False
    sound = True
    for condition, at, why in zip(rule.matches, places, dead, strict=True):
        if why:
            message = f"this line of {quoted(rule.name)} is never sure of a match: {why}"
            complaints.warn(rule.file, at, "dead", message, "change the conditions, or leave the line out")
        elif rule.tier is not Tier.WATCH and not isinstance(condition, Pattern):
            sound &= _lint_breadth(rule, condition, at, complaints)
    return sound


def lint_disabled(file: str, statement: RuleStatement, complaints: Complaints) -> None:
    """Tell of a rule that is switched off where it stands."""
    for clause in statement.clauses:
        match clause:
            case Setting(keyword=Name(text="enabled", at=at), values=(Name(text="false"),)):
                message = f"{quoted(statement.name.text)} is switched off"
                complaints.warn(file, at, "disabled", message, "leave the rule out, or this line")
            case _:
                pass


def lint_exception(
    rule: ResolvedRule, statement: RuleStatement | None, idle: frozenset[str], now: int, complaints: Complaints
) -> None:
    """Tell of an exception that has ended, or that is only for rules which are not in force (`idle`)."""
    if rule.until is not None and rule.until <= now:
        ended = datetime.fromtimestamp(rule.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
        at = _setting(statement, "until") or At(rule.line, 1)
        message = f"the exception {quoted(rule.name)} ended at {ended}"
        complaints.warn(rule.file, at, "expired", message, "leave it out, or give it more time")
    if idle.issuperset(rule.removes):
        at = _setting(statement, "for") or At(rule.line, 1)
        message = f"the exception {quoted(rule.name)} is for no rule in force"
        complaints.warn(rule.file, at, "dead", message, f"{one_of(rule.removes)} is switched off")


def places_of(statement: RuleStatement | None, keyword: str) -> tuple[At, ...]:
    """Where the rule's `match` or `unless` clauses stand, in order."""
    clauses = () if statement is None else statement.clauses
    return tuple(clause.at for clause in clauses if isinstance(clause, Matching) and clause.keyword == keyword)


def _places(rule: ResolvedRule, statement: RuleStatement | None) -> tuple[At, ...]:
    found = places_of(statement, "match")
    return found if len(found) == len(rule.matches) else (At(rule.line, 1),) * len(rule.matches)


def _setting(statement: RuleStatement | None, keyword: str) -> At | None:
    clauses = () if statement is None else statement.clauses
    found = (clause.keyword for clause in clauses if isinstance(clause, Setting))
    return next((name.at for name in found if name.text == keyword), None)


def _why_dead(rule: ResolvedRule, condition: Condition, *, loosens: bool) -> str:
    asked = Asked(condition, loosens)
    if never_holds(asked):
        return "its conditions exclude each other"
    if rule.clients and never_holds(Asked(All((Ask("client", rule.clients), condition)), loosens)):
        return "`client` excludes what it matches"
    if rule.tools and COMMANDLESS.issuperset(rule.tools) and _needs_command(condition, loosens=loosens):
        return f"it asks about commands, and {one_of(rule.tools)} has none"
    if rule.tools and _KINDS.issuperset(rule.tools) and _needs_other_kind(condition, frozenset(rule.tools)):
        return "`on` excludes what it matches"
    if any(implies(asked, Asked(let_off, surely=True)) for let_off in rule.unless):
        return "its `unless` lets off all that it matches"
    return ""


def _needs_command(condition: Condition, *, loosens: bool) -> bool:
    match condition:
        case Ask(predicate=name):
            return name in ABOUT_COMMANDS
        case All(conditions=conditions):
            return any(_needs_command(part, loosens=loosens) for part in conditions)
        case Any(conditions=conditions):
            return all(_needs_command(part, loosens=loosens) for part in conditions)
        case Pattern():
            return loosens
        case _:
            return False


def _needs_other_kind(condition: Condition, kinds: frozenset[str]) -> bool:
    match condition:
        case Ask(predicate="tool", arguments=arguments):
            return _KINDS.issuperset(arguments) and kinds.isdisjoint(arguments)
        case All(conditions=conditions):
            return any(_needs_other_kind(part, kinds) for part in conditions)
        case Any(conditions=conditions):
            return all(_needs_other_kind(part, kinds) for part in conditions)
        case _:
            return False


def _lint_breadth(rule: ResolvedRule, condition: Condition, at: At, complaints: Complaints) -> bool:
    if is_everything(condition):
        message = f"{quoted(rule.name)} asks for nothing in particular"
        complaints.warn(rule.file, at, "too-broad", message, "ask for something that only some commands have")
    elif only_denies(condition) and not rule.tools and not rule.clients:
        message = f"{quoted(rule.name)} says only what is not so, and matches all the rest"
        complaints.warn(rule.file, at, "too-broad", message, "say also what is so, or name the tools with `on`")
    else:
        return True
    return False
