"""A wish to a rule: text of the rules language, which goes through the language like any other.

An `allow` becomes an `except`, a `forbid` a `block`. No `except` made here names a rule that protects the guard, and
none names one made here: what a person forbade stays forbidden until that is taken back.
"""

import re
from collections.abc import Iterable
from posixpath import join, normpath

from msgspec.structs import replace

from security_hooks.dsl.globs import escaped
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.decision import Severity, Tier, Verdict
from security_hooks.model.diagnostic import Level
from security_hooks.model.event import EventKind, HookEvent, InputString, Place, ToolCall, ToolKind
from security_hooks.policy.built import is_self_protection
from security_hooks.policy.decide import decide
from security_hooks.policy.grant_words import WHATS, Kind, Verb, What, Wish, is_unsafe
from security_hooks.policy.snapshot import Snapshot
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import call_facts

PREFIX = "grant-"
FILE = "grants"
_ANY = " *"
_JUDGING = frozenset({Tier.BLOCK, Tier.SUSPICIOUS})
_HOST = re.compile(r"[A-Za-z0-9_.*:\[\]-]+")


def rule_text(wish: Wish, name: str, project: str, lifted: Iterable[str]) -> str | None:
    """The text of the rule; None where the argument is nothing that the word takes. `lifted` as of `liftable`."""
    conditions = _conditions(wish, project)
    if not conditions:
        return None
    matches = "".join(f"  {condition}\n" for condition in conditions)
    if wish.verb is Verb.FORBID:
        nudge = f"A person has forbidden this for now ({wish.phrase}). Do something else, or ask them"
        return f'block "{name}"\n{matches}  severity high\n  nudge "{nudge}"\n'
    rules = ", ".join(f'"{rule}"' for rule in lifted if not is_unsafe(rule))
    return f'except "{name}"\n  for {rules}\n{matches}  reason "{wish.phrase}"\n'


def liftable(wish: Wish, snapshot: Snapshot, project: str, home: str) -> tuple[str, ...]:
    """The rules of which an `allow` takes findings away, by name, under this snapshot."""
    rules = _rules_of(snapshot)
    match wish.what.kind:
        case Kind.RULE:
            names = {rule.name for rule in rules} & {wish.argument}
        case Kind.COMMAND:
            names = {rule.name for rule in rules} & _objecting(wish, snapshot, project, home)
        case _:
            names = _lifted_by(wish.what, rules)
    return tuple(sorted(name for name in names if not is_unsafe(name)))


def fitted(rule: ResolvedRule, word: str, snapshot: Snapshot) -> ResolvedRule:
    """The rule as it is under another snapshot: a plain word lifts what rules there are then."""
    what = next((what for what in WHATS if what.word == word), None)
    if what is None or rule.tier is not Tier.EXCEPT or what.kind in (Kind.RULE, Kind.COMMAND):
        return rule
    return replace(rule, removes=tuple(sorted(_lifted_by(what, _rules_of(snapshot)))))


def resolved(text: str) -> ResolvedRule | None:
    """The rule of a text, by the rules language; None where that refuses it."""
    # Imported where it is needed: a daemon whose policy was built before has no parser loaded.
    from security_hooks.dsl.parse import parse
    from security_hooks.dsl.resolve import LayeredFile, resolve

    source, found = parse(text, FILE)
    rules, more = resolve([LayeredFile("user", source)], {})
    if len(rules) != 1 or any(diagnostic.level is Level.ERROR for diagnostic in (*found, *more)):
        return None
    # It stands in no file that anybody could look into.
    return replace(rules[0], file="")


def _rules_of(snapshot: Snapshot) -> list[ResolvedRule]:
    """The rules that may be lifted at all."""
    return [rule.rule for rule in snapshot.rules if rule.rule.tier in _JUDGING and not _is_kept(rule.rule)]


def _lifted_by(what: What, rules: Iterable[ResolvedRule]) -> set[str]:
    return {rule.name for rule in rules if rule.severity is not Severity.CRITICAL and what.spared.isdisjoint(rule.tags)}


def _is_kept(rule: ResolvedRule) -> bool:
    return is_self_protection(rule) or rule.name.startswith(PREFIX)


def _conditions(wish: Wish, project: str) -> list[str]:
    what = wish.what
    if what.kind is Kind.COMMAND:
        return _of_command(wish)
    template = what.allow if wish.verb is Verb.ALLOW else what.forbid
    arguments = _arguments(wish, project)
    if arguments is None:
        return []
    written = ", ".join(f'"{argument}"' for argument in arguments)
    return ["match " + condition.replace("{}", written) for condition in template.split("|")]


def _arguments(wish: Wish, project: str) -> tuple[str, ...] | None:
    what, given = wish.what, wish.argument
    if not given:
        return (what.otherwise,) if what.otherwise and wish.verb is Verb.ALLOW else ()
    match what.kind:
        case Kind.PATH:
            return _paths(given, project)
        case Kind.HOST:
            host = re.sub(r"\A[a-z]+://", "", given.lower()).split("/", 1)[0]
            return (host,) if _HOST.fullmatch(host) else None
        case _:
            return (given,)


def _paths(given: str, project: str) -> tuple[str, ...] | None:
    """Globs for a path as a person writes it, and for all below it; the project's own directory stands before it."""
    if given.startswith("<") or (given.startswith("~") and given[1:2] not in ("", "/")):
        return None
    if given.startswith("~"):
        path = given if ".." in given else normpath(given)
    else:
        path = normpath(join(escaped(project), given))
    if path == "/" or is_unsafe(path) or any(piece == ".." for piece in path.split("/")):
        return None
    return (path,) if path.endswith("**") else (path, f"{path.rstrip('/')}/**")


def _of_command(wish: Wish) -> list[str]:
    text = wish.argument.strip()
    words = text.removesuffix(_ANY).split()
    if not words:
        return []
    if wish.verb is Verb.ALLOW:
        further = r"(?:\s.*)?" if text.endswith(_ANY) else ""
        return [r"match_regex ^" + r"\s+".join(map(re.escape, words)) + further + "$"]
    program, arguments = words[0], words[1:]
    asked = "".join(f' argument("{escaped(word)}")' for word in arguments)
    return [f'match command("{escaped(program)}"){asked}']


def _objecting(wish: Wish, snapshot: Snapshot, project: str, home: str) -> set[str]:
    """The rules that object to the very command, so that the grant lifts nothing else that is done beside it."""
    command = wish.argument.strip().removesuffix(_ANY)
    strings = (InputString("/command", command),)
    tool = ToolCall("Bash", ToolKind.SHELL, script=command, strings=strings)
    event = HookEvent("", EventKind.PRE_TOOL, "", "", cwd=project, tool=tool)
    facts = call_facts(event, tool, Place(project, home, project), snapshot.catalogue, ShellLimits())
    found = decide(snapshot, facts).findings
    return {finding.rule for finding in found if finding.verdict is not None and finding.verdict > Verdict.ALLOW}
