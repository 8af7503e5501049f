"""A build with entries of the command catalogue that are not shipped."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Verdict
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import CatalogueFile, RuleFile, Sources

CONFIG = Layer("shipped", "config.toml", (Path(__file__).parents[3] / "config.toml").read_bytes())
SHIPPED = RuleFile(
    "shipped", "rules/s.rules", b'block "gone"\n  match deletes("/data/**")\n  example stop "rm /data/x"\n'
)
MINE = RuleFile("user", "/u/m.rules", b'block "mine"\n  match writes("/out/**")\n  example stop "frob /out/x"\n')
FROB = '[command.frob]\noperands = ["write:FILE"]\n'


def make(text: str | None, *rules: RuleFile, cache: BuildCache | None = None) -> Build:
    files = () if text is None else (CatalogueFile("user", "/u/c.toml", b"schema = 2\n" + text.encode()),)
    return build(Sources((CONFIG,), (SHIPPED, *rules), catalogue=files), cache or BuildCache(), shipped())


def verdict(made: Build, command: str) -> Verdict:
    snapshot = assemble_at_once(made)
    return decide(snapshot, shell_call(command, snapshot.catalogue)).verdict


def test_without_files_a_build_and_its_snapshot_are_as_ever() -> None:
    made = make(None)
    assert made.catalogue == b""
    assert assemble_at_once(made).catalogue is shipped()
    assert make("").catalogue == b""


def test_rules_judge_by_what_a_person_says_of_a_command() -> None:
    delete = '[command.frob]\noperands = ["delete:FILE..."]\n'
    assert verdict(make(None), "frob /data/x") is Verdict.ALLOW
    assert verdict(make(delete), "frob /data/x") is Verdict.DENY
    assert verdict(make(delete), "frob /elsewhere") is Verdict.ALLOW
    assert verdict(make('[command.frob]\noperands = ["TEXT..."]\n'), "frob /data/x") is Verdict.ALLOW


def test_an_entry_replaces_the_shipped_one_and_breaks_no_shipped_example() -> None:
    made = make('[command.rm]\noperands = ["TEXT..."]\n')
    assert verdict(made, "rm /data/x") is Verdict.ALLOW
    assert verdict(made, "unlink /data/x") is Verdict.DENY


def test_examples_of_a_persons_rules_know_a_persons_commands() -> None:
    make(FROB, MINE)
    with pytest.raises(PolicyError) as caught:
        make('[command.frob]\noperands = ["TEXT"]\n', MINE)
    assert [found.code for found in caught.value.diagnostics] == ["failed-example"]


def test_only_examples_of_a_persons_rules_run_again_when_the_catalogue_changes() -> None:
    cache = BuildCache()
    make(FROB, MINE, cache=cache)
    assert (cache.parsed, cache.tried) == (2, 2)
    make(FROB + "[command.other]\n", MINE, cache=cache)
    assert (cache.parsed, cache.tried) == (2, 3)
    make(FROB, MINE, cache=cache)
    assert (cache.parsed, cache.tried) == (2, 3)


def test_every_mistake_refuses_the_build_with_its_place() -> None:
    with pytest.raises(PolicyError) as caught:
        make("[command.a]\noptoins = []\nstops = 1\n", RuleFile("user", "/u/x.rules", b"block\n"))
    told = [(found.file, found.line, found.code) for found in caught.value.diagnostics]
    assert told[:2] == [("/u/c.toml", 3, "unknown-key"), ("/u/c.toml", 4, "type")]
    assert {file for file, _, _ in told} == {"/u/c.toml", "/u/x.rules"}


def test_a_large_catalogue_of_a_persons_own_travels_alone() -> None:
    made = make("".join(f'[command.own{number}]\noptions = ["-x"]\n' for number in range(50)))
    assert 500 < len(made.catalogue) < 5_000
