"""A snapshot and the facts of one call in, the decision out.

Strictest wins, so the order of rules and files can never show. What is not known never allows, and never lifts a
finding. Nothing here may fail quietly: a rule that raises ends the call, and the caller denies.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Basis, Decision, Finding, Tier, Verdict
from security_hooks.model.event import EventKind, ToolKind
from security_hooks.model.shell import CallFacts, Facts, Script
from security_hooks.policy.built import is_self_protection
from security_hooks.policy.config_types import DefaultAnswer, Mode
from security_hooks.policy.index import Asked, Index
from security_hooks.policy.snapshot import Snapshot
from security_hooks.secrets.redaction import without_secrets
from security_hooks.tools.facts import focus

_BLANKS = " \t\n"
EVIDENCE = 200
FINDINGS = 32
FINDINGS_OF_ONE_RULE = 4

# Rules are about what a tool call would do; these events come when no tool is about to run. (Settings about to be taken
# over are judged like a call that writes them.)
UNJUDGED = frozenset(
    {
        EventKind.POST_TOOL,
        EventKind.POST_TOOL_FAILURE,
        EventKind.PROMPT,
        EventKind.SESSION_START,
        EventKind.SESSION_END,
    }
)
_VERDICTS = {Tier.BLOCK: Verdict.DENY, Tier.SUSPICIOUS: Verdict.ASK, Tier.ALLOW: Verdict.ALLOW}
_NO, _YES = Truth.NO, Truth.YES


@dataclass(frozen=True, slots=True)
class _Match:
    rule: CompiledRule
    facts: Facts
    certain: bool
    verdict: Verdict | None
    evidence: str


def decide(
    snapshot: Snapshot, call: CallFacts, now: int | None = None, clock: Callable[[], float] | None = None
) -> Decision:
    """Judge one call. `now` is Unix time in seconds; without it an `except` that ends one day has ended.

    With a `clock` (seconds, never going back) the rules get as long as reading a script may take. What is left of
    the commands by then makes the script one that is over budget: that is judged, and what was found stays.
    """
    if call.event.kind in UNJUDGED:
        return no_objection(snapshot)
    matches: list[_Match] = []
    approvals: list[_Match] = []
    met: dict[str, None] = {}
    whole = _is_whole(call.script)
    covered = whole and _may_be_covered(snapshot, call)
    views = focus(call)
    index = snapshot.index
    timed = clock if len(views) > 1 else None
    deadline = timed() + snapshot.config.limits.script_milliseconds / 1000 if timed is not None else 0.0
    for facts in views:
        if timed is not None and timed() > deadline:
            unread = _unread(call)
            asked = index.asked(unread)
            matches += _lift(asked, unread, _objections(index, asked, unread), now)
            covered = whole = False
            break
        asked = index.asked(facts)
        for key, meets in asked.remembering:
            if key not in met and meets(facts) is _YES:
                met[key] = None
        found = _objections(index, asked, facts)
        if found:
            found = _lift(asked, facts, found, now)
            matches += found
        if covered:
            approval = _approval(asked, facts)
            covered = approval is not None
            if approval is not None:
                approvals.append(approval)
    decision = _conclude(snapshot, matches, approvals if covered else [], whole)
    return replace(decision, met=tuple(met)) if met else decision


def no_objection(snapshot: Snapshot) -> Decision:
    """The decision on an event that rules about tools do not judge."""
    return Decision(Verdict.ALLOW, Basis.DEFAULT, generation=snapshot.generation, digest=snapshot.digest)


def _may_be_covered(snapshot: Snapshot, call: CallFacts) -> bool:
    """Whether rules about single commands may allow the call. Of an MCP tool nobody knows what it does with what it is
    given, so what looks like commands in it vouches for nothing: a rule must allow the tool itself, too.
    """
    if call.tool.kind is not ToolKind.MCP or call.script is None:
        return True
    itself = Facts(_with_script(call, None), None)
    return _approval(snapshot.index.asked(itself), itself) is not None


def _unread(call: CallFacts) -> Facts:
    """The call as it would be if none of its commands had been read within the limits."""
    script = call.script
    if script is not None:
        script = replace(script, commands=(), over_budget=True, problem="judging its commands takes too long")
    return Facts(_with_script(call, script), None)


def _with_script(call: CallFacts, script: Script | None) -> CallFacts:
    return dataclasses.replace(call, script=script, effects=(), memo={})


def _objections(index: Index, asked: Asked, facts: Facts) -> list[_Match]:
    found: list[_Match] = []
    sighted = index.sighted(facts)
    for rule, match in asked.objecting:
        if sighted and any(rule is other for other in sighted):
            continue
        truth = match(facts)
        if truth is not _NO:
            found.append(_objection(rule, facts, truth))
    for rule in sighted:
        truth = rule.match(facts)
        if truth is not _NO:
            found.append(_objection(rule, facts, truth))
    return found


def _objection(rule: CompiledRule, facts: Facts, truth: Truth) -> _Match:
    certain = truth is _YES
    verdict = _VERDICTS.get(rule.rule.tier)
    if verdict is not None and not certain:
        verdict = Verdict.ASK if rule.asks(facts) else None
    return _Match(rule, facts, certain, verdict, _evidence(facts))


def _lift(asked: Asked, facts: Facts, found: list[_Match], now: int | None) -> list[_Match]:
    """What is left after `except` rules; each that took something away is itself found, without a verdict."""
    for rule, matches in asked.excepting:
        until = rule.rule.until
        if until is not None and (now is None or now >= until):
            continue
        kept = [match for match in found if not _is_lifted(match, rule)]
        if len(kept) < len(found) and matches(facts) is _YES:
            found = [*kept, _Match(rule, facts, True, None, _evidence(facts))]
    return found


def _is_lifted(match: _Match, exception: CompiledRule) -> bool:
    return match.rule.rule.name in exception.rule.removes and not is_self_protection(match.rule.rule)


def _approval(asked: Asked, facts: Facts) -> _Match | None:
    for rule, match in asked.allowing:
        if match(facts) is _YES:
            return _Match(rule, facts, True, Verdict.ALLOW, _evidence(facts))
    return None


def _conclude(snapshot: Snapshot, matches: list[_Match], approvals: list[_Match], whole: bool) -> Decision:
    config = snapshot.config
    if not matches and not approvals and config.default_answer is DefaultAnswer.SILENT:
        return no_objection(snapshot)
    verdict = max((match.verdict for match in matches if match.verdict is not None), default=Verdict.ALLOW)
    # Even a doubt that the rule lets pass is reason enough not to switch off the client's own prompt.
    unopposed = all(match.rule.rule.tier in (Tier.WATCH, Tier.EXCEPT) for match in matches)
    explicit = bool(approvals) and unopposed
    found = matches + approvals if explicit else matches
    basis = Basis.RULE if verdict > Verdict.ALLOW or explicit else Basis.DEFAULT
    if basis is Basis.DEFAULT:
        verdict = Verdict.ASK if config.default_answer is DefaultAnswer.ASK else Verdict.ALLOW
        explicit = config.default_answer is DefaultAnswer.APPROVE and unopposed and whole
    is_observing = config.mode is Mode.OBSERVE
    return Decision(
        verdict=Verdict.ALLOW if is_observing else verdict,
        basis=basis,
        findings=_findings(found),
        explicit=explicit and not is_observing,
        would=verdict,
        generation=snapshot.generation,
        digest=snapshot.digest,
    )


def _findings(matches: list[_Match]) -> tuple[Finding, ...]:
    """The strictest first, each rule a few times at most: a script of a thousand commands must not flood the log."""
    findings: list[Finding] = []
    seen: set[tuple[str, bool, str]] = set()
    times: dict[str, int] = {}
    for match in sorted(matches, key=_weight):
        rule = match.rule.rule
        key = (rule.name, match.certain, match.evidence)
        count = times.get(rule.name, 0)
        if key in seen or count == FINDINGS_OF_ONE_RULE:
            continue
        seen.add(key)
        times[rule.name] = count + 1
        findings.append(_finding(match))
        if len(findings) == FINDINGS:
            break
    return tuple(findings)


def _weight(match: _Match) -> tuple[int, bool, str, int]:
    verdict = -1 if match.verdict is None else int(match.verdict)
    command = match.facts.command
    return (-verdict, not match.certain, match.rule.rule.name, -1 if command is None else command.index)


def _finding(match: _Match) -> Finding:
    rule = match.rule.rule
    return Finding(
        rule=rule.name,
        tier=rule.tier,
        certain=match.certain,
        verdict=match.verdict,
        # The agent and the person read both, and a client may write them down.
        nudge=without_secrets(match.rule.fill_nudge(match.facts)),
        evidence=without_secrets(match.evidence),
        command=None if match.facts.command is None else match.facts.command.index,
        file=rule.file,
        line=rule.line,
        severity=rule.severity,
        tags=rule.tags,
    )


def _evidence(facts: Facts) -> str:
    if facts.command is not None:
        return _cut(facts.command.text)
    tool = facts.call.tool
    for text in (tool.script, *tool.paths[:1], *tool.urls[:1], *(string.value for string in tool.strings[:1])):
        if text:
            return _cut(text)
    return _cut(tool.name)


def _cut(text: str) -> str:
    """Short enough to be read. Cut between words: half a secret is not recognised as one, and would be recorded."""
    if len(text) <= EVIDENCE:
        return text
    kept = text[:EVIDENCE]
    end = max(kept.rfind(blank) for blank in _BLANKS)
    if end > 0:
        return f"{kept[:end].rstrip()} ..."
    word = min((text.lstrip(_BLANKS).partition(blank)[0] for blank in _BLANKS), key=len)
    return f"[a word of {len(word)} characters]"


def _is_whole(script: Script | None) -> bool:
    # Commands that we did not find are covered by no rule.
    return script is None or not (script.unparseable or script.over_budget or script.dynamic)
