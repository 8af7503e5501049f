"""Examples and cases tried together, and an example that fails keeping nothing else from being tried."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Verdict
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.build import BuildCache
from security_hooks.policy.built import rules_of
from security_hooks.policy.cases import Case
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.policy.trial import build_without_failing, try_policy

CATALOGUE = shipped()
CONFIG = Layer("shipped", "config.toml", (Path(__file__).parents[3] / "config.toml").read_bytes())
RULES = """block "gone"
  match command("rm")
  example stop "ls"
  example stop "rm x"
suspicious "asked"
  client "codex-cli"
  match command("mv")
  example pass "mv a b"
"""


def sources(text: str = RULES) -> Sources:
    return Sources((CONFIG,), (RuleFile("user", "f.rules", text.encode()),))


def test_every_claim_is_tried_though_some_fail() -> None:
    cases = [Case("c.md", 3, "gone", Verdict.DENY, "rm a"), Case("c.md", 4, "gone", Verdict.ASK, "rm a; ls")]
    trial = try_policy(sources(), cases, CATALOGUE)
    assert trial.cases == 2
    assert [(found.fault.file, found.fault.line, found.expected, found.found) for found in trial.failing] == [
        ("f.rules", 3, "gone matches", "gone does not match"),
        ("f.rules", 8, "asked does not match", "asked matches"),
        ("c.md", 4, "ask by gone", "deny"),
    ]
    assert [found.spoken for found in trial.failing] == [(), ("suspicious asked",), ("block gone",)]


def test_only_the_examples_of_some_files_are_told() -> None:
    assert try_policy(sources(), [], CATALOGUE, frozenset({"other"})).failing == ()
    assert try_policy(sources(), [], CATALOGUE, frozenset({"f.rules"})).examples == 3


def test_other_errors_refuse_the_trial() -> None:
    with pytest.raises(PolicyError, match="unknown-name"):
        try_policy(sources(RULES + "  match comand(x)\n"), [], CATALOGUE)


def test_a_build_without_failing_examples_keeps_every_line_where_it_was() -> None:
    made, failed = build_without_failing(sources(), BuildCache(), CATALOGUE)
    assert [found.line for found in failed] == [3, 8]
    kept = {rule.name: rule for rule in rules_of(made)}
    assert [(example.text, example.line) for example in kept["gone"].examples] == [("rm x", 4)]
    assert (kept["asked"].line, kept["asked"].examples) == (5, ())
