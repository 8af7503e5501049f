"""Resolved rules: names looked up, macros and lists expanded, ready to compile. Plain data that travels.

These are msgspec structs and not dataclasses because they cross from the worker process to the daemon and
from the wheel's build to the installed program as bytes.
"""

from typing import TypeAlias

import msgspec

from security_hooks.model.decision import Severity, Tier


class Pattern(msgspec.Struct, frozen=True, tag="regex"):
    """A regular expression (RE2), always a whole `match` of its own."""

    pattern: str


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """A predicate with its arguments, list names replaced by what the lists hold; `written` as in the file."""

    predicate: str
    arguments: tuple[str, ...] = ()
    written: str = ""


class Recall(msgspec.Struct, frozen=True, tag="recall"):
    """A predicate on earlier calls: those that met `condition`, within so many seconds (0: as long as they are
    remembered), more than so many of them.
    """

    predicate: str
    condition: "Condition"
    seconds: int = 0
    more_than: int = 0
    written: str = ""


class Not(msgspec.Struct, frozen=True, tag="not"):
    """Negation."""

    condition: "Condition"


class All(msgspec.Struct, frozen=True, tag="all"):
    """Conjunction; adjacency in the rule text is this too."""

    conditions: tuple["Condition", ...]


class Any(msgspec.Struct, frozen=True, tag="any"):
    """Disjunction."""

    conditions: tuple["Condition", ...]


Condition: TypeAlias = "Pattern | Ask | Recall | Not | All | Any"


class Example(msgspec.Struct, frozen=True):
    """`example stop "..."` (the rule, asked alone, matches) or `example pass "..."` (it does not)."""

    stop: bool
    text: str
    line: int


class ResolvedRule(msgspec.Struct, frozen=True):
    """One rule. `unknown_asks` is the `unknown` clause (then `unknown_given`), or the default its predicates give.

    `except` rules use `removes` (rule names), `until` (Unix seconds, None: for ever) and `reason`. `layer` is
    where the file belongs: `shipped`, `system`, `user` or `project`.
    """

    tier: Tier
    name: str
    file: str
    line: int
    layer: str
    matches: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()
    nudge: str = ""
    unknown_asks: bool = True
    unknown_given: bool = False
    severity: Severity = Severity.MEDIUM
    tags: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    removes: tuple[str, ...] = ()
    until: int | None = None
    reason: str = ""
