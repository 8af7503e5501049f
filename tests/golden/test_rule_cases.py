"""The shipped policy against every case file in `rules/`, as `security-hooks rules test` runs them."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.cases import Case, failing_case, parse_cases
from security_hooks.policy.config_types import Layer
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RuleFile, Sources

ROOT = Path(__file__).parents[2]
CATALOGUE = shipped()


def _cases() -> list[Case]:
    found: list[Case] = []
    for file in sorted(Path(__file__).with_name("rules").glob("*.md")):
        cases, problems = parse_cases(file.read_text(), file.name)
        assert cases, file
        assert not problems, problems
        found += cases
    return found


@pytest.fixture(scope="module")
def policy() -> Snapshot:
    """The shipped rules and configuration, and nothing else."""
    rules = tuple(
        RuleFile("shipped", f"rules/{file.name}", file.read_bytes()) for file in sorted(ROOT.glob("rules/*.rules"))
    )
    config = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
    return assemble_at_once(build(Sources((config,), rules), BuildCache(), CATALOGUE))


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case.file}:{case.line}")
def test_the_policy_answers_as_the_case_says(policy: Snapshot, case: Case) -> None:
    problem = failing_case(case, policy)
    assert problem is None, problem


def test_the_first_four_rules_load_and_work_as_people_first_wrote_them() -> None:
    here = Path(__file__).parent
    config = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
    sources = Sources((config,), (RuleFile("shipped", "starter.rules", (here / "starter.rules").read_bytes()),))
    starter = assemble_at_once(build(sources, BuildCache(), CATALOGUE))
    cases, _ = parse_cases((here / "starter.md").read_text(), "starter.md")
    assert cases
    assert [problem for case in cases if (problem := failing_case(case, starter))] == []
