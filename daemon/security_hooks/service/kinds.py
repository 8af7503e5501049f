"""Approved asks, counted by kind: a command as it is written, and the rules that asked about it.

Left out is what a person's approval says nothing about for later: what rules of critical severity or those that protect
the guard asked about, scripts that were not read whole, commands that are asked about for what stands around them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from security_hooks.model.decision import Decision, Finding, Severity, Verdict
from security_hooks.model.shell import Command
from security_hooks.policy.decide import FINDINGS, FINDINGS_OF_ONE_RULE, decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.approvals import Outcome
from security_hooks.service.judge import Judgement
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.permits import is_permissible
from security_hooks.service.place import has_policy

MOST_KINDS = 10_000
MOST_PROJECTS = 4
LONGEST_COMMAND = 300
_PLACEHOLDERS = ("[REDACTED:", "[CUT:")


@dataclass(slots=True)
class Kind:
    """One kind of ask. `approved` holds the records that ran after somebody can have read the question, `blind` those
    that ran without; `asked` counts all. Times are those of what was approved, as the log writes them.
    """

    command: str
    program: str | None
    rules: tuple[str, ...]
    approved: set[str] = field(default_factory=set)
    blind: set[str] = field(default_factory=set)
    asked: int = 0
    first: str = ""
    last: str = ""
    projects: dict[str, None] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """Take one ask into account."""
        self.asked += 1
        if outcome.is_blind and outcome.ran:
            self.blind.add(outcome.case.name)
        if outcome.is_blind or not outcome.ran:
            return
        self.approved.add(outcome.case.name)
        self.first = min(self.first or outcome.at, outcome.at)
        self.last = max(self.last, outcome.at)
        project = outcome.case.place.project
        if project is not None and len(self.projects) < MOST_PROJECTS:
            self.projects[project] = None


def kinds_of(found: Iterable[Outcome], snapshot: Snapshot) -> tuple[Kind, ...]:
    """The kinds of asks that the policy of now would put again, approved or not, as they come."""
    kinds: dict[tuple[str, tuple[str, ...]], Kind] = {}
    is_plain: dict[tuple[str, tuple[str, ...]], bool] = {}
    for outcome in found:
        root = outcome.case.root
        if root is not None and has_policy(root):
            # What asks there may be the project's own; and it is for the project to say otherwise.
            continue
        judgement = judged(outcome, snapshot)
        for command, rules in asked_commands(judgement):
            key = (command.text, rules)
            if key not in is_plain and len(is_plain) < MOST_KINDS:
                is_plain[key] = _asks_alone(command.text, rules, snapshot)
            if is_plain.get(key):
                kinds.setdefault(key, Kind(command.text, command.program, rules)).count(outcome)
    return tuple(kinds.values())


def judged(outcome: Outcome, snapshot: Snapshot) -> Judgement:
    """The ask as the policy judges it now, in the fictitious World."""
    return Offline(snapshot, fictitious_project).placed(outcome.case.event, outcome.case.place)


def asked_commands(judgement: Judgement) -> tuple[tuple[Command, tuple[str, ...]], ...]:
    """The commands of a call that is asked about, each with the rules that ask; none where that is not the whole."""
    decision, script = judgement.decision, None if judgement.call is None else judgement.call.script
    if script is None or script.unparseable or script.over_budget or not _is_learnable(decision):
        return ()
    asking = [finding for finding in decision.findings if finding.verdict is Verdict.ASK]
    by_command: dict[int, set[str]] = {}
    for finding in asking:
        if finding.command is None:
            return ()
        by_command.setdefault(finding.command, set()).add(finding.rule)
    return tuple(
        (command, tuple(sorted(by_command[command.index])))
        for command in script.commands
        if command.index in by_command
    )


def _is_learnable(decision: Decision) -> bool:
    times = Counter(finding.rule for finding in decision.findings)
    return (
        # What a policy that only observes lets through it would ask about all the same.
        is_permissible(replace(decision, verdict=decision.would))
        and len(decision.findings) < FINDINGS
        and all(count < FINDINGS_OF_ONE_RULE for count in times.values())
        and not any(map(_is_critical, decision.findings))
    )


def _is_critical(finding: Finding) -> bool:
    return finding.verdict is not None and finding.severity is Severity.CRITICAL


def _asks_alone(text: str, rules: tuple[str, ...], snapshot: Snapshot) -> bool:
    """Whether the command, all by itself, is asked about by these very rules: nothing around it made them."""
    if not text.isprintable() or len(text) > LONGEST_COMMAND or any(mark in text for mark in _PLACEHOLDERS):
        return False
    call = shell_call(text, snapshot.catalogue)
    found = asked_commands(Judgement(call, decide(snapshot, call)))
    return call.script is not None and len(call.script.commands) == 1 and [asked for _, asked in found] == [rules]
