"""What is wrong with rules that load: warnings, and errors in shipped rules that lack what those must have."""

import re
from collections.abc import Mapping, Sequence

from security_hooks.dsl.asking import known_predicate
from security_hooks.dsl.complaints import Complaints, did_you_mean, quoted
from security_hooks.dsl.conditions import Conditions
from security_hooks.dsl.dead import lint_disabled, lint_exception, lint_reach
from security_hooks.dsl.globs import is_literal
from security_hooks.dsl.regex import compile_pattern
from security_hooks.dsl.resolved import All, Any, Ask, Not, Recall, ResolvedRule
from security_hooks.dsl.scope import GUARD, LayeredFile, Scope
from security_hooks.dsl.shadow import lint_contradictions, lint_shadows
from security_hooks.dsl.syntax import At, ListStatement, Matching, Name, Regex, Text
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.model.event import ToolKind

_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOLD = frozenset({Tier.BLOCK, Tier.SUSPICIOUS})
_OURS = frozenset({GUARD, "shipped"})
_LOOSENING = frozenset({Tier.ALLOW, Tier.EXCEPT})
_KINDS = tuple(kind.value for kind in ToolKind)


def lint(
    files: Sequence[LayeredFile],
    rules: Sequence[ResolvedRule],
    lists: Mapping[str, tuple[str, ...]],
    now: int,
    disabled: frozenset[str] = frozenset(),
) -> tuple[Diagnostic, ...]:
    """What to mend in files that `resolve` made these rules of. Examples that do not hold are found by running them.

    `now` is Unix time in seconds; `disabled` are the rules that the configuration takes out.
    """
    complaints = Complaints()
    statements = {(file.source.file, rule.name.text): rule for file in files for rule in file.source.rules}
    in_force = [rule for rule in rules if rule.name not in disabled]
    idle = frozenset(name for _, name in statements) - {rule.name for rule in in_force}
    for rule in rules:
        _lint_rule(rule, complaints)
    sound: list[ResolvedRule] = []
    for rule in in_force:
        statement = statements.get((rule.file, rule.name))
        if lint_reach(rule, statement, complaints):
            sound.append(rule)
        if rule.tier is Tier.EXCEPT:
            lint_exception(rule, statement, idle, now, complaints)
    for (path, _), statement in statements.items():
        lint_disabled(path, statement, complaints)
    lint_shadows(sound, complaints)
    lint_contradictions(sound, complaints)
    _lint_lists(files, complaints)
    _lint_patterns(files, complaints)
    _lint_twins(rules, complaints)
    _lint_unused(files, lists, complaints)
    return complaints.all()


def _lint_rule(rule: ResolvedRule, complaints: Complaints) -> None:
    at = At(rule.line, 1)
    level = Level.ERROR if rule.layer in _OURS else Level.WARNING

    def complain(code: str, message: str, hint: str, level: Level) -> None:
        complaints.add(Diagnostic(rule.file, at.line, at.column, code, f"{quoted(rule.name)} {message}", hint, level))

    if not _KEBAB.fullmatch(rule.name):
        complain("rule-name", "is not in kebab-case", "write it like `git-force-push`", Level.WARNING)
    if rule.tier in _TOLD and not rule.nudge:
        complain("no-nudge", "has no nudge", "say what to do instead", level)
    wanted = {False} if _is_configured(rule) else {True, False}
    if rule.layer in _OURS and not wanted <= {example.stop for example in rule.examples}:
        complain("no-example", "lacks an `example stop` or an `example pass`", "add one of each", level)
    if rule.tier is Tier.EXCEPT and not rule.reason:
        complain("no-reason", "gives no reason", 'add `reason "..."`', Level.WARNING)
    for tool in rule.tools:
        is_name = tool in _KINDS or not tool.islower() or not is_literal(tool)
        if not is_name and (hint := did_you_mean(tool, _KINDS)):
            complain("unlikely-tool", f"is about {quoted(tool)}, which is no kind of tool", hint, Level.WARNING)


def _is_configured(rule: ResolvedRule) -> bool:
    """Whether the rule is about what a person configures: no example is stopped with the shipped configuration."""
    pending = list(rule.matches)
    while pending:
        match pending.pop():
            case Ask(predicate=name) if known_predicate(name).configured:
                return True
            case Not(condition=inner) | Recall(condition=inner):
                pending.append(inner)
            case All(conditions=parts) | Any(conditions=parts):
                pending += parts
    return False


def _lint_lists(files: Sequence[LayeredFile], complaints: Complaints) -> None:
    for file in files:
        for held in file.source.lists:
            first: dict[Name | str, At] = {}
            for value in held.values:
                key = value.text if isinstance(value, Text) else Name(value.text, At(0, 0))
                if key in first:
                    message = f"{quoted(value.text)} already stands in line {first[key].line} of this list"
                    complaints.warn(file.source.file, value.at, "duplicate-value", message, "leave one of them out")
                first.setdefault(key, value.at)


def _lint_patterns(files: Sequence[LayeredFile], complaints: Complaints) -> None:
    for file in files:
        for rule in file.source.rules:
            for clause in rule.clauses:
                if isinstance(clause, Matching) and isinstance(clause.what, Regex):
                    loosens = clause.keyword == "unless" or rule.tier in _LOOSENING
                    _lint_pattern(clause.what, file.source.file, complaints, loosens=loosens)


def _lint_pattern(regex: Regex, file: str, complaints: Complaints, *, loosens: bool) -> None:
    pattern = regex.pattern
    if compile_pattern(pattern).search(b"") is not None:
        message = f"the pattern {quoted(pattern)} is found in every text"
        complaints.warn(file, regex.at, "matches-everything", message, "make a part of it that must be there")
    elif loosens and not pattern.startswith(("^", r"\A", "(?i)^", "(?s)^")):
        message = f"the pattern {quoted(pattern)} may be found anywhere in a command that it vouches for"
        complaints.warn(file, regex.at, "unanchored", message, "begin with `^`, end with `$`")
    if len(pattern) > 1 and pattern[0] == pattern[-1] == '"':
        message = "the quotes are part of the pattern"
        complaints.warn(file, regex.at, "quoted-pattern", message, "a pattern is not quoted")


def _lint_twins(rules: Sequence[ResolvedRule], complaints: Complaints) -> None:
    seen: dict[tuple[object, ...], ResolvedRule] = {}
    for rule in rules:
        key = (rule.tier, rule.matches, rule.unless, rule.tools, rule.clients, rule.removes)
        first = seen.setdefault(key, rule)
        if first is not rule:
            message = f"{quoted(rule.name)} matches just what {quoted(first.name)} at {first.file}:{first.line} matches"
            complaints.warn(rule.file, At(rule.line, 1), "twin", message, "leave one of them out")


def _lint_unused(files: Sequence[LayeredFile], lists: Mapping[str, tuple[str, ...]], complaints: Complaints) -> None:
    silent = Complaints()
    scope = Scope(files, lists, silent)
    conditions = Conditions(scope, silent)
    used: set[str] = set()
    for file in files:
        for statement in file.source.macros:
            conditions.resolve_macro(statement.name.text, statement, file)
        for rule in file.source.rules:
            for clause in rule.clauses:
                if isinstance(clause, Matching):
                    conditions.resolve(clause.what, file)
        for held in file.source.lists:
            used.update(value.text for value in held.values if isinstance(value, Name))
    used |= conditions.used
    for definition in scope.definitions():
        name = definition.statement.name
        if name.text not in used:
            kind = "list" if isinstance(definition.statement, ListStatement) else "macro"
            message = f"the {kind} {quoted(name.text)} is not used"
            complaints.warn(definition.file.source.file, name.at, "unused", message, "leave it out")
