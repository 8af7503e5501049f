"""The tree that `parse` makes of one rules file: what is written, names not looked up yet."""

from dataclasses import dataclass
from typing import TypeAlias

from security_hooks.model.decision import Tier


@dataclass(frozen=True, slots=True)
class At:
    """A place in a file: line and column from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A bare word: a list, a predicate, a macro, a clause, or one of a clause's fixed words."""

    text: str
    at: At


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string, its escapes undone."""

    text: str
    at: At


Value: TypeAlias = Name | Text


@dataclass(frozen=True, slots=True)
class Call:
    """A predicate or a macro with its arguments."""

    name: Name
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """A predicate on what was called before: a condition, how often it must have held (`> 20`), and how lately."""

    name: Name
    condition: "Condition"
    more_than: int | None = None
    within: Text | None = None


@dataclass(frozen=True, slots=True)
class Negation:
    """`not CONDITION`."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Conjunction:
    """`and`, or conditions side by side."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """`or`."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern, literal to the end of its line. `explicit` where `match_regex` said that it is one."""

    pattern: str
    at: At
    explicit: bool


Condition: TypeAlias = Call | Recall | Negation | Conjunction | Disjunction


@dataclass(frozen=True, slots=True)
class Matching:
    """A `match` or `unless` clause."""

    keyword: str
    at: At
    what: Condition | Regex


@dataclass(frozen=True, slots=True)
class Setting:
    """Any other clause: a word and its values."""

    keyword: Name
    values: tuple[Value, ...]


Clause: TypeAlias = Matching | Setting


@dataclass(frozen=True, slots=True)
class RuleStatement:
    """A tier, a quoted name and the clauses that follow."""

    tier: Tier
    name: Text
    at: At
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class ListStatement:
    """`list NAME = ...`: strings and names of other lists."""

    name: Name
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class MacroStatement:
    """`macro NAME = CONDITION`."""

    name: Name
    condition: Condition


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One parsed file: what could be read of it, in order."""

    file: str
    rules: tuple[RuleStatement, ...] = ()
    lists: tuple[ListStatement, ...] = ()
    macros: tuple[MacroStatement, ...] = ()
