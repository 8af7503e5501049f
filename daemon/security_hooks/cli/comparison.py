"""What `replay` and `diff` print: a line for each changed verdict as it is found, then the totals.

The text of a call is shortened, and secrets in it are replaced as in the log.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator

from security_hooks.audit.redact import Redactor
from security_hooks.audit.settings import WriterSettings
from security_hooks.cli.command import Exit
from security_hooks.cli.table import table
from security_hooks.cli.visible import visible
from security_hooks.service.environment import secret_values
from security_hooks.service.recall import Recalled, Said
from security_hooks.service.replay import Asked, Change, Totals

WIDEST = 160
MOST_RULES = 15
STEP = 1_000


class Comparison:
    """Prints changes and totals. `what` names one thing that is judged: a record, a case."""

    def __init__(self, what: str, secret_names: Iterable[str], *, as_json: bool) -> None:
        self._what = what
        self._as_json = as_json
        self._redactor = Redactor(WriterSettings(secret_values=secret_values(os.environ, secret_names)))
        self._shows_progress = sys.stderr.isatty() and not sys.stdout.isatty()

    def show(self, changes: Iterable[Change], totals: Totals) -> int:
        """Print everything; the exit status says whether any verdict changed."""
        for change in changes:
            print(json.dumps(self._fields(change)) if self._as_json else visible(self._line(change)))
        if self._shows_progress:
            print("\r\033[K", end="", file=sys.stderr)
        if self._as_json:
            print(json.dumps(_totals(totals)))
        else:
            for line in self._total_lines(totals):
                print(line)
        return Exit.NO if totals.changes else Exit.OK

    def counted(self, cases: Iterable[Recalled]) -> Iterator[Recalled]:
        """The same cases, with their number told while they pass, where a person watches and nothing else is shown."""
        for number, case in enumerate(cases):
            if self._shows_progress and number % STEP == 0:
                print(f"\r{number} {self._what}s", end="", file=sys.stderr, flush=True)
            yield case

    def _line(self, change: Change) -> str:
        before, after = change.before, change.after
        rules = f"{_rules(before)} -> {_rules(after)}" if before.rules != after.rules else _rules(after)
        verdicts = f"{before.verdict.word} -> {after.verdict.word}"
        return f"{verdicts:<14}  {self._what} {change.case.name}  {rules}  {self._text(change)}"

    def _fields(self, change: Change) -> dict[str, object]:
        return {
            "kind": "change",
            self._what: change.case.name,
            "before": _said(change.before),
            "after": _said(change.after),
            "same_policy": change.before.policy == change.after.policy,
            "cwd": change.case.place.cwd,
            "text": self._text(change),
        }

    def _text(self, change: Change) -> str:
        """What the call was about. Redacted whole before it is cut: half a secret is not recognised as one."""
        tool = change.case.event.tool
        if tool is None:
            return change.case.event.name
        text = tool.script or " ".join((*tool.paths, *tool.urls)) or " ".join(item.value for item in tool.strings[:1])
        shown = self._redactor.redact(text.replace("\\[REDACTED:", "[REDACTED:"))
        return f"{tool.name}: {shown if len(shown) <= WIDEST else shown[:WIDEST] + '...'}"

    def _total_lines(self, totals: Totals) -> Iterator[str]:
        changed = totals.changes.total()
        yield f"{_count(totals.judged, self._what)} judged: {totals.judged - changed} unchanged, {changed} changed"
        for (before, after), number in sorted(totals.changes.items(), key=lambda item: -item[1]):
            yield f"  {number:>7}  {before.word} -> {after.word}"
        yield from _interruption_lines(totals)
        if totals.reworded:
            yield f"{totals.reworded} with the same verdict from other rules"
        if totals.same_policy:
            yield (
                f"{totals.same_policy} of the changes under the very policy that judged then: the disk is not looked at"
                " here, and this version may read a call otherwise"
            )
        if totals.passed:
            yield f"{_count(totals.passed.total(), self._what)} not judged"
            for why, number in totals.passed.most_common():
                yield f"  {number:>7}  {why.value}"


def _rules(said: Said) -> str:
    return ",".join(said.rules) or "no rule"


def _said(said: Said) -> dict[str, object]:
    return {"verdict": said.verdict.word, "rules": list(said.rules), "policy": said.policy}


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _interruption_lines(totals: Totals) -> Iterator[str]:
    """How often people and agents are interrupted, before and after, and by which rules."""
    before, after = totals.before, totals.after
    if not before.calls and not after.calls:
        return
    rules = list(_by_rule(totals))
    head = ("interrupted by", "asked before", "after", "denied before", "after")
    rows = [("any rule", *_cells(before.all, after.all))]
    rows += [(rule or "the default", *_cells(one, other)) for rule, one, other in rules[:MOST_RULES]]
    yield from table([head, *rows])
    if len(rules) > MOST_RULES:
        yield f"and {_count(len(rules) - MOST_RULES, 'more rule')}, which `--json` has"


def _by_rule(totals: Totals) -> Iterator[tuple[str, Asked, Asked]]:
    """Each rule with its questions and denials, before and after; where most changes first."""
    before, after = totals.before, totals.after
    names = {rule for rule, _ in (*before.rules, *after.rules)}
    found = [(rule, before.of(rule), after.of(rule)) for rule in names]
    found.sort(key=lambda row: (-abs(sum(row[1]) - sum(row[2])), -max(sum(row[1]), sum(row[2])), row[0]))
    yield from found


def _cells(before: Asked, after: Asked) -> tuple[str, ...]:
    return (str(before[0]), str(after[0]), str(before[1]), str(after[1]))


def _interruptions(totals: Totals) -> dict[str, object]:
    def fields(before: Asked, after: Asked) -> dict[str, object]:
        names = ("ask", "deny")
        return {"before": dict(zip(names, before, strict=True)), "after": dict(zip(names, after, strict=True))}

    rules = [{"rule": rule, **fields(before, after)} for rule, before, after in _by_rule(totals)]
    return {**fields(totals.before.all, totals.after.all), "rules": rules}


def _totals(totals: Totals) -> dict[str, object]:
    return {
        "kind": "totals",
        "judged": totals.judged,
        "changed": totals.changes.total(),
        "changes": [
            {"before": before.word, "after": after.word, "count": number}
            for (before, after), number in totals.changes.items()
        ],
        "interruptions": _interruptions(totals),
        "same_verdict_other_rules": totals.reworded,
        "same_policy": totals.same_policy,
        "not_judged": [
            {"why": why.name.lower(), "text": why.value, "count": number} for why, number in totals.passed.items()
        ],
    }
