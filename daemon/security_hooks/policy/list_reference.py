"""The reference page of lists: those of the configuration and those of the shipped rules, and who uses them."""

from collections.abc import Iterator, Mapping

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.syntax import (
    Call,
    Condition,
    Conjunction,
    Disjunction,
    ListStatement,
    Matching,
    Name,
    Negation,
    Recall,
    Regex,
    SourceFile,
    Value,
)
from security_hooks.policy.build import BuildCache
from security_hooks.policy.config_read import dotted, spellings_of
from security_hooks.policy.config_rows import Choice, Names, Pins
from security_hooks.policy.config_schema import ROWS
from security_hooks.policy.protection import GUARDED, protection
from security_hooks.policy.rule_reference import comment_above, in_code, prose
from security_hooks.policy.source import RuleFile, Sources

_HEAD = """# Lists

Made from the configuration's schema and the files of rules by `security-hooks docs`; edit those, not this page.
[The rules language](rules-language.md#lists-and-macros) says how lists are written and who sees which.
"""
_PROBE = "probe"


def render(sources: Sources) -> str:
    """The page as Markdown."""
    cache = BuildCache()
    files = [(file, cache.parse(file)[0]) for file in (protection(), *sources.rules)]
    used = _used(source for _, source in files)
    lines = [_HEAD, "## Lists of the configuration", ""]
    for row in ROWS:
        if isinstance(row, Names | Pins | Choice) and row.list_name:
            lines += _given(row, used)
    lines += ["## Lists of the shipped rules", ""]
    for file, source in files:
        for statement in source.lists:
            lines += _shipped(file, statement, used)
    return "\n".join(lines).rstrip() + "\n"


def _given(row: Names | Pins | Choice, used: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    key = dotted(row.path)
    yield from (f"### {row.list_name}", "", row.doc, "")
    yield f"* In the configuration: [`{key}`](configuration.md#{key.replace('.', '')})"
    yield f"* Changed with: {', '.join(f'`{dotted(spelling)}`' for spelling, _ in spellings_of(row))}"
    yield from _users(row.list_name, used)
    yield ""


def _shipped(file: RuleFile, statement: ListStatement, used: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    name = statement.name.text
    comment = comment_above(file.data.decode().split("\n"), statement.name.at.line)
    yield from (f"### {name}", "")
    if comment:
        yield from (prose(comment), "")
    yield f"* In: `{file.path}`"
    yield from _users(name, used)
    yield f"* Holds: {', '.join(_element(value) for value in statement.values)}"
    yield ""


def _element(value: Value) -> str:
    if not isinstance(value, Name):
        return in_code(value.text)
    # What stands for the running daemon's own paths is no list that anybody could read.
    return f"`{value.text}`" if value.text == GUARDED else f"[{value.text}](#{value.text})"


def _users(name: str, used: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    predicates = [
        f"`{predicate.name}` with `{word}`"
        for predicate in PREDICATES
        for word, holds in predicate.classes.items()
        if any(_PROBE in held for held in holds({name: (_PROBE,)}))
    ]
    found = (*used.get(name, ()), *predicates)
    yield f"* Used by: {', '.join(found) or 'no shipped rule'}"


def _used(sources: Iterator[SourceFile]) -> Mapping[str, tuple[str, ...]]:
    """By list: links to the rules, lists and macros that name it."""
    found: dict[str, dict[str, None]] = {}
    for source in sources:
        for rule in source.rules:
            link = f"[{rule.name.text}](rules.md#{rule.name.text})"
            for clause in rule.clauses:
                if isinstance(clause, Matching) and not isinstance(clause.what, Regex):
                    for name in _names(clause.what):
                        found.setdefault(name, {})[link] = None
        for held in source.lists:
            for value in held.values:
                if isinstance(value, Name):
                    found.setdefault(value.text, {})[f"[{held.name.text}](#{held.name.text})"] = None
        for macro in source.macros:
            for name in _names(macro.condition):
                found.setdefault(name, {})[f"the macro `{macro.name.text}`"] = None
    return {name: tuple(links) for name, links in found.items()}


def _names(condition: Condition) -> Iterator[str]:
    waiting = [condition]
    while waiting:
        match waiting.pop():
            case Call(arguments=arguments):
                yield from (value.text for value in arguments if isinstance(value, Name))
            case Negation(condition=inner) | Recall(condition=inner):
                waiting.append(inner)
            case Conjunction(conditions=parts) | Disjunction(conditions=parts):
                waiting += parts
