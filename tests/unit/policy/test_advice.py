"""Commands that nudges advise, judged by the policy."""

from pathlib import Path

from security_hooks.catalogue.load import shipped
from security_hooks.policy.advice import lint_advice
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import RuleFile, Sources

CONFIG = Layer("shipped", "config.toml", (Path(__file__).parents[3] / "config.toml").read_bytes())
RULES = """block "gone"
  match command("rm")
  nudge "Use `mv x /tmp`, `git stash`, not `rm x`; see `--help`, `{command}`, `rm {path}` and `frobnicate rm`"
suspicious "moved"
  match command("mv")
  nudge "Use `cp -r` or `$TOOL`"
"""


def test_what_the_policy_stops_is_no_advice() -> None:
    sources = Sources((CONFIG,), (RuleFile("user", "f.rules", RULES.encode()),))
    found = lint_advice(assemble_at_once(build(sources, BuildCache(), shipped())))
    assert [(problem.line, problem.code, problem.message) for problem in found] == [
        (1, "stopped-advice", "the nudge of `gone` advises `mv x /tmp`, which `moved` asks about"),
        (1, "stopped-advice", "the nudge of `gone` advises `rm x`, which `gone` denies"),
    ]
