"""Examples of rules, and Markdown cases against a policy."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.resolved import Ask, Condition, Example, ResolvedRule
from security_hooks.model.decision import Tier, Verdict
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.cases import Case, failing_case, failing_examples, parse_cases
from security_hooks.policy.config_types import Layer
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RuleFile, Sources

CATALOGUE = shipped()
RM = Ask("command", ("rm",))


@pytest.mark.parametrize(
    ("condition", "stop", "text", "holds"),
    [
        (RM, True, "rm x", True),
        (RM, True, "echo ok; sudo r''m x", True),
        (RM, True, "ls", False),
        (RM, False, "ls", True),
        (RM, False, "rm x", False),
        # A doubt is worth what the rule says it is.
        (RM, True, '"$X" y', True),
        (Ask("argument", ("*.pem",)), True, 'cat "$F"', False),
    ],
)
def test_an_example_holds_or_fails(condition: Condition, stop: bool, text: str, holds: bool) -> None:
    rule = ResolvedRule(
        Tier.BLOCK, "r", "f", 1, "user", (condition,), examples=(Example(not stop, "", 2), Example(stop, text, 3))
    )
    assert (1 not in failing_examples(compile_rule(rule), CATALOGUE)) is holds


def test_an_example_of_a_rule_for_one_client_is_asked_as_that_client() -> None:
    rule = ResolvedRule(
        Tier.BLOCK, "r", "f", 1, "user", (RM,), clients=("codex-cli",), examples=(Example(True, "rm x", 2),)
    )
    assert failing_examples(compile_rule(rule), CATALOGUE) == ()


MARKDOWN = """# remove
Prose, and `code`.
```cases
deny   rm -rf x
ask\trm "$X"
```
```sh
deny not-a-case
```
## other
````cases
allow  echo '```'
````
"""


def test_cases_are_lines_in_fenced_blocks_under_a_rules_name() -> None:
    cases, problems = parse_cases(MARKDOWN, "f.md")
    assert problems == ()
    assert cases == (
        Case("f.md", 4, "remove", Verdict.DENY, "rm -rf x"),
        Case("f.md", 5, "remove", Verdict.ASK, 'rm "$X"'),
        Case("f.md", 12, "other", Verdict.ALLOW, "echo '```'"),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [("```cases\nallow ls\n```\n", 2), ("# r\n```cases\nforbid ls\n```\n", 3), ("# r\n```cases\ndeny\n```\n", 3)],
)
def test_a_line_that_is_no_case_is_told(text: str, line: int) -> None:
    cases, problems = parse_cases(text, "f.md")
    assert cases == ()
    assert [(problem.line, problem.code) for problem in problems] == [(line, "bad-case")]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    text = 'block "remove"\n  match command("rm")\nsuspicious "net"\n  match command("nc")\n'
    config = (Path(__file__).parents[3] / "config.toml").read_bytes()
    layers = (Layer("shipped", "config.toml", config), Layer("user", "c", b'mode = "observe"\n'))
    sources = Sources(layers, (RuleFile("user", "f", text.encode()),))
    return assemble_at_once(build(sources, BuildCache(), CATALOGUE))


@pytest.mark.parametrize(
    ("rule", "verdict", "command", "fault"),
    [
        ("remove", Verdict.DENY, "rm x", None),
        ("net", Verdict.ASK, "nc x 1", None),
        ("remove", Verdict.ALLOW, "ls", None),
        ("net", Verdict.DENY, "rm x", "`rm x`: deny by `remove`, but not by `net`"),
        ("remove", Verdict.ALLOW, "rm x", "`rm x`: deny by `remove`, not allow"),
        ("remove", Verdict.DENY, "ls", "`ls`: allow, not deny"),
    ],
)
def test_a_case_asserts_verdict_and_rule(
    snapshot: Snapshot, rule: str, verdict: Verdict, command: str, fault: str | None
) -> None:
    found = failing_case(Case("f.md", 1, rule, verdict, command), snapshot)
    assert (found.fault.message if found else None) == fault
