"""The rules that protect the guard itself: a file of the program, a layer of its own below all others."""

from functools import cache
from importlib import resources

from msgspec.structs import replace

from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall, ResolvedRule
from security_hooks.dsl.scope import GUARD
from security_hooks.policy.source import RuleFile

FILE = "protection.rules"
# The list in it that stands for paths of the running daemon: its sources, `guarded`.
GUARDED = "guard_in_use"
# What the list holds until a policy is assembled: a build is the same wherever the daemon keeps its files.
PLACEHOLDER = "/.security-hooks-guard-in-use"


def with_guarded(rule: ResolvedRule, guarded: tuple[str, ...]) -> ResolvedRule:
    """The rule with the paths of the running daemon in the placeholder's place."""
    return replace(
        rule,
        matches=tuple(_with_guarded(condition, guarded) for condition in rule.matches),
        unless=tuple(_with_guarded(condition, guarded) for condition in rule.unless),
    )


def _with_guarded(condition: Condition, guarded: tuple[str, ...]) -> Condition:
    match condition:
        case Ask():
            if PLACEHOLDER not in condition.arguments:
                return condition
            arguments = tuple(argument for argument in condition.arguments if argument != PLACEHOLDER)
            return replace(condition, arguments=arguments + guarded)
        case Not(condition=inner) | Recall(condition=inner):
            return replace(condition, condition=_with_guarded(inner, guarded))
        case All(conditions=conditions) | Any(conditions=conditions):
            return replace(condition, conditions=tuple(_with_guarded(part, guarded) for part in conditions))
        case Pattern():
            return condition


@cache
def protection() -> RuleFile:
    """The file as it is when the program first looks; later changes to it wait for a restart."""
    return RuleFile(GUARD, FILE, (resources.files("security_hooks.policy") / FILE).read_bytes())
