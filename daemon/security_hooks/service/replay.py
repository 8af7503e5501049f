"""Calls judged again, and what was answered before compared with what is answered now: for `replay` and `diff` alike.

Everything happens in the fictitious World. One call at a time goes through, and only counts stay, so that a log of any
length can be gone through.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.journal import rule_names
from security_hooks.service.load import load_snapshot
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.place import has_policy
from security_hooks.service.recall import Case, Passed, Recalled, Said, Unfit

# So many projects' policies are held at once.
MOST_PROJECTS = 16

# Calls that are asked about, and calls that are denied.
Asked: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A call whose verdict is another now."""

    case: Case
    before: Said
    after: Said


@dataclass(slots=True)
class Interruptions:
    """What would have stopped an agent or asked a person: calls by verdict, and by each rule behind it."""

    calls: Counter[Verdict] = field(default_factory=Counter)
    rules: Counter[tuple[str, Verdict]] = field(default_factory=Counter)

    def count(self, said: Said) -> None:
        """One more call; what is allowed interrupts nobody."""
        if said.verdict is not Verdict.ALLOW:
            self.calls[said.verdict] += 1
            # Without a rule it is the default answer that asks.
            self.rules.update((rule, said.verdict) for rule in set(said.rules) or {""})

    @property
    def all(self) -> Asked:
        """How many calls."""
        return self.calls[Verdict.ASK], self.calls[Verdict.DENY]

    def of(self, rule: str) -> Asked:
        """How many of them because of one rule, or of the default where it has no name."""
        return self.rules[rule, Verdict.ASK], self.rules[rule, Verdict.DENY]


@dataclass(slots=True)
class Totals:
    """What came of all calls so far. `reworded` have the same verdict from other rules; `same_policy` counts changes
    under the very policy that judged then.
    """

    judged: int = 0
    reworded: int = 0
    same_policy: int = 0
    before: Interruptions = field(default_factory=Interruptions)
    after: Interruptions = field(default_factory=Interruptions)
    changes: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    passed: Counter[Unfit] = field(default_factory=Counter)


class Judge:
    """A policy to judge by, and what projects add to it; loads each once. Raises PolicyError for the machine's."""

    def __init__(self, directories: PolicyDirectories) -> None:
        self._directories = directories
        self._machine = load_snapshot(directories, None)
        self._projects: dict[str, Snapshot | None] = {}

    def say(self, case: Case) -> Said | None:
        """What this policy says of a call; None where the rules of the call's project cannot be loaded."""
        snapshot: Snapshot | None = self._machine
        if case.root is not None and has_policy(case.root):
            snapshot = self._project(case.root)
        return (
            None
            if snapshot is None
            else said(Offline(snapshot, fictitious_project).placed(case.event, case.place).decision)
        )

    def longest(self) -> int:
        """How many bytes a payload may have."""
        return self._machine.config.limits.request_bytes

    def secret_names(self) -> frozenset[str]:
        """Globs of the environment variables whose values are secrets."""
        return frozenset(self._machine.config.lists.get("secret_env_vars", ()))

    def _project(self, root: str) -> Snapshot | None:
        if root not in self._projects:
            if len(self._projects) == MOST_PROJECTS:
                del self._projects[next(iter(self._projects))]
            try:
                self._projects[root] = load_snapshot(self._directories, root)
            except PolicyError:
                self._projects[root] = None
        return self._projects[root]


def said(decision: Decision) -> Said:
    """A decision as it is compared."""
    rules = rule_names(decision) if decision.failure is None else [decision.failure.reason.value]
    return Said(decision.would, tuple(rules), decision.digest)


def recorded(case: Case) -> Said:
    """What was answered when the call was recorded; raises ValueError for a case that is no record."""
    if case.said is None:
        raise ValueError(case.name)
    return case.said


def compare(
    cases: Iterable[Recalled],
    before: Callable[[Case], Said | None],
    after: Callable[[Case], Said | None],
    totals: Totals,
) -> Iterator[Change]:
    """Every call whose verdict changed, as it is found; the totals are true after each step."""
    for case in cases:
        if isinstance(case, Passed):
            totals.passed[case.why] += 1
            continue
        first, second = before(case), after(case)
        if first is None or second is None:
            totals.passed[Unfit.PROJECT] += 1
            continue
        totals.judged += 1
        totals.before.count(first)
        totals.after.count(second)
        if first.verdict is not second.verdict:
            totals.changes[first.verdict, second.verdict] += 1
            totals.same_policy += first.policy == second.policy
            yield Change(case, first, second)
        elif set(first.rules) != set(second.rules):
            totals.reworded += 1
