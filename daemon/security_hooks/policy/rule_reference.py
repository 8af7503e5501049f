"""The reference page of the shipped rules, made from their files: what each stops, what it says, its examples."""

import re
from collections.abc import Iterable, Iterator, Mapping

from security_hooks.dsl.lines import LogicalLine, logical_lines
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.syntax import RuleStatement
from security_hooks.model.decision import Tier
from security_hooks.policy.build import BuildCache
from security_hooks.policy.built import Build, rules_of
from security_hooks.policy.protection import protection
from security_hooks.policy.source import RuleFile, Sources

_HEAD = """# The shipped rules

Made from the files of rules by `security-hooks docs`; edit those, not this page. [Tiers and clauses](clauses.md) says
what the words mean, [lists](lists.md) what the names in conditions hold, [the shipped policy](policy.md) why it is so.
`[rules] disabled` in [the configuration](configuration.md) switches rules off, but for those that protect the guard.
"""
_CONDITIONS = ("match", "unless", "on", "client", "for", "until")
_MARKS = re.compile(r"`+")
_CODE = re.compile(r"(`[^`]*`)")


def render(sources: Sources, made: Build) -> str:
    """The page as Markdown; `made` is the build of these sources."""
    cache = BuildCache()
    resolved = {rule.name: rule for rule in rules_of(made)}
    files = (protection(), *sources.rules)
    statements = {file.path: cache.parse(file)[0].rules for file in files}
    rules = {name: rule for name, rule in resolved.items() if rule.file in statements}
    lines = [_HEAD, *_index(rules, statements)]
    for file in files:
        lines += _file(file, statements[file.path], resolved)
    return "\n".join(lines).rstrip() + "\n"


def comment_above(lines: list[str], number: int) -> str:
    """The comment whose last line stands right above a line (from 1), as one text."""
    first = number - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(line.lstrip().lstrip("#").strip() for line in lines[first : number - 1])


def prose(text: str) -> str:
    """A text that people wrote, so that Markdown shows every character of it."""
    return "".join(
        part if part.startswith("`") else part.replace("<", "&lt;").replace("*", r"\*") for part in _CODE.split(text)
    )


def fenced(lines: Iterable[str]) -> Iterator[str]:
    """The lines as a block of code, whatever stands in them."""
    held = list(lines)
    longest = max((len(marks) for line in held for marks in _MARKS.findall(line)), default=0)
    fence = "`" * max(4, longest + 1)
    yield from (fence, *held, fence, "")


def in_code(text: str) -> str:
    """A text within a line as code, whatever stands in it."""
    if "`" not in text:
        return f"`{text}`"
    marks = "`" * (1 + max(map(len, _MARKS.findall(text))))
    return f"{marks} {text} {marks}"


def _index(rules: Mapping[str, ResolvedRule], files: Mapping[str, tuple[RuleStatement, ...]]) -> Iterator[str]:
    yield f"{len(rules)} rules."
    yield ""
    yield "| Rule | Tier | Severity | Tags | File |"
    yield "| --- | --- | --- | --- | --- |"
    for file, statements in files.items():
        for statement in statements:
            rule = rules.get(statement.name.text)
            if rule is not None:
                tags = ", ".join(rule.tags)
                yield f"| [{rule.name}](#{rule.name}) | {rule.tier.value} | {rule.severity.value} | {tags} | {file} |"
    yield ""


def _file(file: RuleFile, statements: tuple[RuleStatement, ...], rules: Mapping[str, ResolvedRule]) -> Iterator[str]:
    lines = file.data.decode().split("\n")
    yield f"## {file.path}"
    yield ""
    opening = comment_above(lines, 1 + next((number for number, line in enumerate(lines) if line[:1] != "#"), 0))
    if opening:
        yield from (prose(opening), "")
    for statement in statements:
        rule = rules.get(statement.name.text)
        if rule is not None:
            yield from _rule(rule, statement, lines, file)


def _rule(rule: ResolvedRule, statement: RuleStatement, lines: list[str], file: RuleFile) -> Iterator[str]:
    yield f"### {rule.name}"
    yield ""
    tags = f", tags {', '.join(f'`{tag}`' for tag in rule.tags)}" if rule.tags else ""
    yield f"`{rule.tier.value}`, severity {rule.severity.value}{tags}. {_doubt(rule)}"
    yield ""
    comment = comment_above(lines, statement.at.line)
    if comment:
        yield from (prose(comment), "")
    yield from fenced(_conditions(file, statement))
    if rule.nudge:
        yield from (f"> {prose(rule.nudge)}", "")
    if rule.reason:
        yield from (f"Reason: {prose(rule.reason)}", "")
    for stop, title in ((True, "Stops"), (False, "Lets pass")):
        examples = [example.text for example in rule.examples if example.stop is stop]
        if examples:
            yield from (f"{_matched(rule) if stop else title}:", "", *fenced(examples))


def _matched(rule: ResolvedRule) -> str:
    return "Stops" if rule.tier in (Tier.BLOCK, Tier.SUSPICIOUS) else "Matches"


def _doubt(rule: ResolvedRule) -> str:
    if rule.tier in (Tier.ALLOW, Tier.EXCEPT):
        return "In doubt it does nothing."
    whence = "" if rule.unknown_given else ", as its predicates have it"
    return f"In doubt it asks{whence}." if rule.unknown_asks else f"In doubt it only records{whence}."


def _conditions(file: RuleFile, statement: RuleStatement) -> Iterator[str]:
    """The lines of the rule that say what it is about, as they are written."""
    is_inside = False
    for line in logical_lines(file.data.decode(), file.path):
        if not isinstance(line, LogicalLine):
            continue
        first = line.first
        if line.number <= statement.at.line:
            is_inside = line.number == statement.at.line
        elif first in {"list", "macro", *(tier.value for tier in Tier)}:
            is_inside = False
        elif is_inside and first.partition("_")[0] in _CONDITIONS:
            yield line.text.strip()
