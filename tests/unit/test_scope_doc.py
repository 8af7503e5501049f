"""The worked example of `docs/scope.md`: what stands there is what is answered."""

import re
from pathlib import Path

import pytest

from security_hooks.policy.cases import Case, parse_cases
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.load import load_snapshot
from security_hooks.service.offline import Offline, fictitious_project

PAGE = Path(__file__).parents[2] / "docs/scope.md"
TEXT = PAGE.read_text()
CASES, PROBLEMS = parse_cases(TEXT, PAGE.name)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    own = tmp_path_factory.mktemp("config")
    block = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    (own / "config.toml").write_text(block[1])
    here, nowhere = shipped_dir(), "/nonexistent"
    directories = PolicyDirectories(str(here), f"{here}/rules", nowhere, str(own), nowhere)
    return Offline(load_snapshot(directories, None), fictitious_project)


def test_the_page_has_cases() -> None:
    assert not PROBLEMS
    assert len(CASES) > 15


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
def test_each_case_is_answered_as_the_page_says(offline: Offline, case: Case) -> None:
    command, verdict = case.command, case.verdict
    decision = offline.command(command, "/home/user/project", "/home/user").decision
    assert decision.verdict is verdict, decision.findings
    if decision.findings and verdict.word != "allow":
        assert any("scope" in finding.rule for finding in decision.findings)
