"""The worked example of `docs/scope.md`: what stands there is what is answered."""

import re
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Verdict
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build
from security_hooks.policy.cases import Case, parse_cases
from security_hooks.policy.config_types import Layer
from security_hooks.policy.grant_rules import liftable, resolved, rule_text
from security_hooks.policy.grant_words import Wish, read_wish
from security_hooks.policy.granted import with_granted
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.directories import shipped_dir
from security_hooks.service.offline import Offline, fictitious_project

PAGE = Path(__file__).parents[2] / "docs/scope.md"
TEXT = PAGE.read_text()
PROJECT, HOME = "/home/user/project", "/home/user"
CASES, PROBLEMS = parse_cases(TEXT, PAGE.name)


@pytest.fixture(scope="module")
def made() -> Build:
    block = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    here = shipped_dir()
    files = sorted((here / "rules").glob("*.rules"))
    rules = tuple(RuleFile("shipped", f"rules/{file.name}", file.read_bytes()) for file in files)
    layers = (
        Layer("shipped", "config.toml", (here / "config.toml").read_bytes()),
        Layer("user", "config.toml", block[1].encode()),
    )
    return build(Sources(layers, rules), BuildCache(), shipped())


@pytest.fixture(scope="module")
def offline(made: Build) -> Offline:
    return Offline(assemble_at_once(made), fictitious_project)


def test_the_page_has_cases() -> None:
    assert not PROBLEMS
    assert len(CASES) > 15


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.command)
def test_each_case_is_answered_as_the_page_says(offline: Offline, case: Case) -> None:
    command, verdict = case.command, case.verdict
    decision = offline.command(command, PROJECT, HOME).decision
    assert decision.verdict is verdict, decision.findings
    if decision.findings and verdict.word != "allow":
        assert any("scope" in finding.rule for finding in decision.findings)


@pytest.mark.parametrize(
    ("words", "lifted", "kept"),
    [
        ("allow writes to ~/notes", "touch ~/notes/a", "touch ~/other"),
        ("allow writes to ~/notes", "touch ~/notes/a", "touch ~/notes/a ~/b"),
        ("allow network to other.test", "curl https://other.test/x", "curl https://third.test/x"),
    ],
)
def test_a_grant_lifts_what_it_says_and_no_more(
    made: Build, offline: Offline, words: str, lifted: str, kept: str
) -> None:
    wish = read_wish(words)
    assert isinstance(wish, Wish)
    text = rule_text(wish, "grant-T", PROJECT, liftable(wish, offline.snapshot, PROJECT, HOME))
    assert text is not None
    rule = resolved(text)
    assert rule is not None
    _, snapshot = with_granted(made, offline.snapshot, [rule], 2)
    granted = Offline(snapshot, fictitious_project)
    assert offline.command(lifted, PROJECT, HOME).decision.verdict is Verdict.DENY
    assert granted.command(lifted, PROJECT, HOME).decision.verdict is Verdict.ALLOW
    assert granted.command(kept, PROJECT, HOME).decision.verdict is Verdict.DENY
