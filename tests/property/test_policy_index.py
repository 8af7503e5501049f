"""The index never hides a rule: a call is decided as if every rule had been asked."""

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import CompiledRule
from security_hooks.model.decision import Decision, Tier
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.index import index_in_steps
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.policy.stepwise import at_once

ROOT = Path(__file__).parents[2]
CATALOGUE = shipped()
MORE = """
watch "sudo"
  match command("sudo", "env")
watch "path"
  match command("/bin/rm")
watch "either"
  match command("nc") or argument("-rf")
watch "not"
  match not command("ls")
watch "both"
  match command("rm") wrapped_by("xargs")
watch "effect"
  match command("nc") or writes("<system>", "x*")
watch "no-effect"
  match not deletes() and not action("text")
watch "going"
  match flow("*", "network") or executes()
allow "list"
  match command("ls")
except "lax"
  for "critical-deletion", "outside-deletion"
  match command("rm") argument("./build")
  reason "made by us"
"""
WORDS = st.sampled_from(
    ["rm", "ls", "nc", "sudo", "env", "xargs", "curl", "-rf", "./build", "X=1", '"$X"', "$(ls)", "|", ";", "&&", "r''m"]
    + ["/bin/rm", "bash -c", "'rm -rf x'", "{", "}", "(", ")", "if", '"', "eval"]
    + ["mv", "git reset --hard", "/etc/x", "~/.ssh/id_rsa", "> /etc/y", "cat", "chmod 777", "X=/etc", "git push -f"]
)

_FILES = tuple(
    RuleFile("shipped", f"rules/{path.name}", path.read_bytes()) for path in sorted(ROOT.glob("rules/*.rules"))
)
_CONFIG = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
SNAPSHOT = assemble_at_once(
    build(Sources((_CONFIG,), (*_FILES, RuleFile("user", "more.rules", MORE.encode()))), BuildCache(), CATALOGUE)
)
_BARE = [CompiledRule(rule.rule, rule.match, rule.asks, recalls=rule.recalls) for rule in SNAPSHOT.index.rules]
_BARE_INDEX = at_once(index_in_steps(_BARE))
_REMEMBERED = tuple(replace(one, need=None) for one in _BARE_INDEX.remembered)
EVERYTHING = replace(SNAPSHOT, index=replace(_BARE_INDEX, remembered=_REMEMBERED))


def objections(decision: Decision) -> Decision:
    """The decision without the name of the `allow` rule: of several that cover a command any may speak."""
    return msgspec.structs.replace(
        decision, findings=tuple(found for found in decision.findings if found.tier is not Tier.ALLOW)
    )


class _Unseen:
    """Stands for an id: who reads it fails."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(f"a rule looks at what decisions are remembered without: {name}")

    __eq__ = __hash__ = __str__ = __bool__ = __len__ = __getattribute__  # type: ignore[assignment]


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_rules_look_at_no_id(script: str) -> None:
    call = shell_call(script, CATALOGUE)
    unseen = dict.fromkeys(("session_id", "turn_id", "agent_id", "prompt", "settings_path", "client_dir"), _Unseen())
    event = msgspec.structs.replace(call.event, **unseen)
    assert decide(SNAPSHOT, replace(call, event=event, memo={})) == decide(SNAPSHOT, call)


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_the_index_hides_nothing(script: str) -> None:
    call = shell_call(script, CATALOGUE)
    assert objections(decide(SNAPSHOT, call)) == objections(decide(EVERYTHING, call))
