"""Conditions as written to conditions as resolved: predicates checked, macros put in, list names replaced."""

import re
from dataclasses import dataclass, replace
from functools import partial

from security_hooks.dsl.complaints import Complaints, did_you_mean, one_of, quoted
from security_hooks.dsl.durations import seconds_of
from security_hooks.dsl.predicates import predicate_named
from security_hooks.dsl.predicates.signature import Params, Predicate
from security_hooks.dsl.recalling import misfits
from security_hooks.dsl.regex import flaw_of
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall
from security_hooks.dsl.scope import PREDICATE_NAMES, RESERVED, LayeredFile, Scope
from security_hooks.dsl.spelling import spelled
from security_hooks.dsl.syntax import (
    At,
    Call,
    Conjunction,
    Disjunction,
    MacroStatement,
    Name,
    Negation,
    Regex,
    Text,
)
from security_hooks.dsl.syntax import Condition as Written
from security_hooks.dsl.syntax import Recall as WrittenRecall

MOST_DEEP = 60
MOST_PARTS = 2_000
# With MOST_NESTED in parse.py this keeps the walk well within Python's stack.
MOST_CALLS = 10

_BARE = re.compile(r"(?:[ \t(]|not(?![A-Za-z0-9_]))*(?!not(?![A-Za-z0-9_]))([A-Za-z_][A-Za-z0-9_]*)(?=[ \t)]|$)")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A resolved condition, its size and depth, the predicates in it, and how deep macros call each other."""

    condition: Condition
    parts: int
    depth: int
    predicates: frozenset[str]
    calls: int = 0


class Conditions:
    """Resolves conditions of all files. A macro is resolved once, and what is wrong in it is told once."""

    def __init__(self, scope: Scope, complaints: Complaints) -> None:
        self._scope = scope
        self._complaints = complaints
        self._macros: dict[str, Expanded | None] = {}
        self.used: set[str] = set()

    def resolve(self, what: Written | Regex, file: LayeredFile) -> Expanded | None:
        """The resolved condition; None where it has an error (and that has been told)."""
        if isinstance(what, Regex):
            return self._pattern(what, file)
        return self._within_limits(self._expand(what, file, ()), _place(what), file)

    def resolve_macro(self, name: str, statement: MacroStatement, file: LayeredFile) -> Expanded | None:
        """What a macro stands for."""
        return self._macro(name, statement, file, ())

    def _pattern(self, regex: Regex, file: LayeredFile) -> Expanded | None:
        where = file.source.file
        if not regex.explicit and self._is_bare_name(regex, file):
            return None
        flaw = flaw_of(regex.pattern)
        if flaw is not None:
            at = At(regex.at.line, regex.at.column + flaw.offset)
            self._complaints.error(where, at, "bad-pattern", flaw.message, flaw.hint)
            return None
        return Expanded(Pattern(regex.pattern), 1, 1, frozenset())

    def _is_bare_name(self, regex: Regex, file: LayeredFile) -> bool:
        found = _BARE.match(regex.pattern)
        if found is None or not self._scope.is_known(found.group(1), file):
            return False
        name = found.group(1)
        at = At(regex.at.line, regex.at.column + found.start(1))
        if self._scope.is_list(name, file):
            kind, hint = "a list", "lists stand between the parentheses of a predicate"
        else:
            kind = "a predicate" if name in PREDICATE_NAMES else "a macro"
            hint = f"it is called with parentheses right behind its name: `{name}(...)`"
        message = f"{quoted(name)} is {kind}, and this line is no pattern"
        self._complaints.error(file.source.file, at, "bare-name", message, f"{hint}; a pattern: `match_regex {name}`")
        return True

    def _expand(self, what: Written, file: LayeredFile, path: tuple[str, ...]) -> Expanded | None:
        match what:
            case Call():
                return self._call(what, file, path)
            case WrittenRecall():
                return self._recall(what, file, path)
            case Negation():
                inner = self._expand(what.condition, file, path)
                if inner is None:
                    return None
                return Expanded(Not(inner.condition), inner.parts + 1, inner.depth + 1, inner.predicates, inner.calls)
            case Conjunction() | Disjunction():
                parts = [self._expand(condition, file, path) for condition in what.conditions]
                whole = [part for part in parts if part is not None]
                if len(whole) < len(parts):
                    return None
                conditions = tuple(part.condition for part in whole)
                return Expanded(
                    All(conditions) if isinstance(what, Conjunction) else Any(conditions),
                    1 + sum(part.parts for part in whole),
                    1 + max(part.depth for part in whole),
                    frozenset[str]().union(*(part.predicates for part in whole)),
                    max(part.calls for part in whole),
                )

    def _call(self, call: Call, file: LayeredFile, path: tuple[str, ...]) -> Expanded | None:
        name = call.name.text
        where = file.source.file
        predicate = predicate_named(name)
        if predicate is not None:
            return self._ask(predicate, call, file)
        definition = self._scope.visible(name, file)
        if definition is not None and isinstance(definition.statement, MacroStatement):
            if call.arguments:
                self._complaints.error(where, call.name.at, "arguments", f"the macro {quoted(name)} takes no arguments")
                return None
            if name in path:
                chain = " -> ".join((*path, name))
                self._complaints.error(where, call.name.at, "recursive", f"a macro calls itself: `{chain}`")
                return None
            self.used.add(name)
            return self._macro(name, definition.statement, definition.file, path)
        self._unknown(call.name, file)
        return None

    def _recall(self, what: WrittenRecall, file: LayeredFile, path: tuple[str, ...]) -> Expanded | None:
        inner = self._expand(what.condition, file, path)
        for at, message, hint in misfits(what):
            self._complaints.error(file.source.file, at, "arguments", message, hint)
            inner = None
        if predicate_named(what.name.text) is None:
            self._unknown(what.name, file)
            inner = None
        if inner is None:
            return None
        seconds = 0 if what.within is None else seconds_of(what.within.text) or 0
        recall = Recall(what.name.text, inner.condition, seconds, what.more_than or 0, spelled(what))
        # What the inner condition doubts is no reason to ask.
        return Expanded(recall, inner.parts + 1, inner.depth + 1, frozenset({what.name.text}), inner.calls)

    def _unknown(self, name: Name, file: LayeredFile) -> None:
        where = file.source.file
        if name.text in RESERVED:
            self._complaints.error(where, name.at, "syntax", f"{quoted(name.text)} cannot stand here")
        elif self._scope.is_list(name.text, file):
            hint = "lists stand between the parentheses of a predicate"
            self._complaints.error(where, name.at, "bare-name", f"{quoted(name.text)} is a list, not a condition", hint)
        else:
            message = f"{quoted(name.text)} is neither a predicate nor a macro"
            self._complaints.error(where, name.at, "unknown-name", message, partial(self._hint, name.text, file))

    def _hint(self, name: str, file: LayeredFile) -> str:
        known = (*sorted(PREDICATE_NAMES), *self._scope.names(file, lists=False))
        return self._scope.elsewhere(name, file, known) or "a pattern that looks like this: `match_regex`"

    def _macro(self, name: str, statement: MacroStatement, file: LayeredFile, path: tuple[str, ...]) -> Expanded | None:
        if name in self._macros:
            return self._macros[name]
        expanded = None if len(path) > MOST_CALLS else self._expand(statement.condition, file, (*path, name))
        if len(path) > MOST_CALLS or (expanded is not None and expanded.calls >= MOST_CALLS):
            message = f"macros call each other more than {MOST_CALLS} deep"
            self._complaints.error(file.source.file, statement.name.at, "too-deep", message)
            expanded = None
        expanded = self._within_limits(expanded, statement.name.at, file)
        if expanded is not None:
            expanded = replace(expanded, calls=expanded.calls + 1)
        self._macros[name] = expanded
        return expanded

    def _ask(self, predicate: Predicate, call: Call, file: LayeredFile) -> Expanded | None:
        where = file.source.file
        if predicate.recalls:
            message = f"{quoted(predicate.name)} takes a condition"
            self._complaints.error(where, call.name.at, "arguments", message, f"it is written `{predicate.recalls}`")
            return None
        count, params = len(call.arguments), predicate.params
        if count < params.least or (params.most is not None and count > params.most):
            self._complaints.error(where, call.name.at, "arguments", _miscounted(predicate, count))
            return None
        self.used.update(value.text for value in call.arguments if isinstance(value, Name))
        arguments = self._arguments(call, file, last=params.last)
        if arguments is None or not self._fit(predicate, call, arguments, file):
            return None
        if predicate.classes:
            given = self._scope.given
            held = (predicate.classes[word](given) if word in predicate.classes else (word,) for word in arguments)
            arguments = tuple(word for words in held for word in words)
        ask = Ask(predicate.name, arguments, spelled(call))
        return Expanded(ask, 1, 1, frozenset({predicate.name}))

    def _arguments(self, call: Call, file: LayeredFile, *, last: bool) -> tuple[str, ...] | None:
        if not last:
            return self._scope.values(call.arguments, file)
        parts = [self._scope.values(part, file) for part in (call.arguments[:-1], call.arguments[-1:])]
        return None if parts[0] is None or parts[1] is None else parts[0] + parts[1]

    def _fit(self, predicate: Predicate, call: Call, arguments: tuple[str, ...], file: LayeredFile) -> bool:
        fits = True
        places = {value.text: value.at for value in call.arguments if isinstance(value, Text)}
        for argument in arguments:
            problem, hint = _misfit(predicate.params, argument)
            if problem:
                fits = False
                held = "" if argument in places else " (from a list)"
                shown = quoted(argument) if argument else f"a {predicate.params.word}"
                message = f"{shown}{held} {problem}"
                at = places.get(argument, call.name.at)
                self._complaints.error(file.source.file, at, "bad-argument", message, hint)
        return fits

    def _within_limits(self, expanded: Expanded | None, at: At, file: LayeredFile) -> Expanded | None:
        if expanded is None or (expanded.parts <= MOST_PARTS and expanded.depth <= MOST_DEEP):
            return expanded
        message = f"with its macros the condition has {expanded.parts} parts, {expanded.depth} deep"
        hint = f"at most {MOST_PARTS} parts, {MOST_DEEP} deep"
        self._complaints.error(file.source.file, at, "too-large", message, hint)
        return None


def _misfit(params: Params, argument: str) -> tuple[str, str]:
    if params.choices and argument not in params.choices:
        return f"is no {params.word}", did_you_mean(argument, params.choices, f"one of {one_of(params.choices)}")
    return params.check(argument) or "", ""


def _miscounted(predicate: Predicate, count: int) -> str:
    params = predicate.params
    if params.most == 0:
        return f"`{predicate.name}` takes no arguments"
    if count < params.least:
        return f"`{predicate.name}` needs at least {params.least} {params.word}"
    return f"`{predicate.name}` takes at most {params.most} arguments"


def _place(what: Written) -> At:
    while not isinstance(what, Call | WrittenRecall):
        what = what.condition if isinstance(what, Negation) else what.conditions[0]
    return what.name.at
