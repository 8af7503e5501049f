"""Runs what people claim of rules: the `example` lines of a rule, asked alone, and Markdown cases against a policy.

Everything happens in a fictitious place with nothing in it, and without the session of a person: the same text gives
the same answer on every machine. What a text stands for, `example_call` says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.resolved import Example, ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.diagnostic import Diagnostic
from security_hooks.model.shell import Facts
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import CLIENT, example_call
from security_hooks.policy.snapshot import Snapshot
from security_hooks.tools.facts import focus

_HEADING = re.compile(r"#{1,6}\s+(\S.*?)\s*$")
_FENCE = re.compile(r"(`{3,})\s*(\w*)\s*$")
_CASE = re.compile(r"(allow|ask|deny)[ \t]+(\S.*)$")


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a Markdown file: this call under this heading gets this verdict."""

    file: str
    line: int
    rule: str
    verdict: Verdict
    command: str


@dataclass(frozen=True, slots=True)
class Failing:
    """A case or an example that does not hold: what was asked, what should have come and what came, who spoke."""

    fault: Diagnostic
    command: str
    expected: str
    found: str
    spoken: tuple[str, ...]


def failing_examples(rule: CompiledRule, catalogue: Catalogue) -> tuple[int, ...]:
    """The positions of the rule's examples that do not hold. A doubt counts where the rule asks."""
    client = client_of(rule.rule)
    failing: list[int] = []
    for index, example in enumerate(rule.rule.examples):
        call = example_call(example.text, catalogue, client)
        if any(_stops(rule, facts) for facts in focus(call)) is not example.stop:
            failing.append(index)
    return tuple(failing)


def _stops(rule: CompiledRule, facts: Facts) -> bool:
    truth = rule.match(facts)
    return truth is Truth.YES or (truth is Truth.UNKNOWN and rule.asks(facts))


def parse_cases(text: str, file: str) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """The cases of a Markdown file: lines `deny|ask|allow CALL` in blocks fenced as `cases`, below a rule's name."""
    cases: list[Case] = []
    problems: list[Diagnostic] = []
    rule = ""
    for line, content, is_case in _lines(text):
        if not is_case:
            heading = _HEADING.match(content)
            rule = heading[1] if heading else rule
            continue
        case = _CASE.match(content)
        if case is None:
            hint = "write `deny`, `ask` or `allow`, then the command, or `@TOOL ...`"
            problems.append(Diagnostic(file, line, 1, "bad-case", "the line is no case", hint))
        elif not rule:
            hint = "put a heading with the rule's name above the cases"
            problems.append(Diagnostic(file, line, 1, "bad-case", "the case belongs to no rule", hint))
        else:
            cases.append(Case(file, line, rule, Verdict[case[1].upper()], case[2]))
    return tuple(cases), tuple(problems)


def failing_case(case: Case, snapshot: Snapshot) -> Failing | None:
    """What is wrong with the policy's answer to one case; None if it is as the case says.

    A denial or a question must come from the rule that the heading names; an allow from nobody's objection.
    """
    decision = decide(snapshot, example_call(case.command, snapshot.catalogue))
    rules = tuple(dict.fromkeys(finding.rule for finding in decision.findings if finding.verdict is not None))
    if decision.would is case.verdict and (case.verdict is Verdict.ALLOW or case.rule in rules):
        return None
    fault = Diagnostic(case.file, case.line, 1, "failed-case", _fault(case, decision, rules))
    expected = case.verdict.word if case.verdict is Verdict.ALLOW else f"{case.verdict.word} by {case.rule}"
    return Failing(fault, case.command, expected, decision.would.word, _spoken(decision))


def failing_example(rule: ResolvedRule, example: Example, fault: Diagnostic, snapshot: Snapshot) -> Failing:
    """The same for an example that the build has found failing; `snapshot` is the policy without it."""
    decision = decide(snapshot, example_call(example.text, snapshot.catalogue, client_of(rule)))
    wanted, found = ("matches", "does not match") if example.stop else ("does not match", "matches")
    return Failing(fault, example.text, f"{rule.name} {wanted}", f"{rule.name} {found}", _spoken(decision))


def client_of(rule: ResolvedRule) -> str:
    """The client that an example of the rule comes from: its first, if it names one."""
    return rule.clients[0] if rule.clients else CLIENT


def _spoken(decision: Decision) -> tuple[str, ...]:
    """Every rule that had something to say, with its tier; a doubt that was worth nothing, too."""
    return tuple(
        dict.fromkeys(
            f"{finding.tier.value} {finding.rule}{'' if finding.certain else ' (in doubt)'}"
            for finding in decision.findings
        )
    )


def _fault(case: Case, decision: Decision, rules: tuple[str, ...]) -> str:
    by = f" by {', '.join(f'`{rule}`' for rule in rules)}" if rules else ""
    if decision.would is case.verdict:
        return f"`{case.command}`: {case.verdict.word}{by}, but not by `{case.rule}`"
    return f"`{case.command}`: {decision.would.word}{by}, not {case.verdict.word}"


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line number, line, whether it is in a block of cases) of every line that means something."""
    fence = language = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence, language = mark[1], mark[2]
        elif fence and line.strip() == fence:
            fence = ""
        elif not fence:
            yield number, line, False
        elif language == "cases" and line.strip():
            yield number, line, True
