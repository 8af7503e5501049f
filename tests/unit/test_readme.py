"""The README tells the truth: its verdicts are those of the shipped policy, its rule and its commands exist."""

import argparse
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace

from security_hooks.catalogue.load import shipped
from security_hooks.cli.docs import shipped_sources
from security_hooks.cli.main import COMMANDS, main
from security_hooks.model.decision import Verdict
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.snapshot import Snapshot, assemble_at_once

README = (Path(__file__).parents[2] / "README.md").read_text()
STOPS = re.findall(r"^(deny|ask|allow) +(.+)$", README.split("```cases\n")[1].split("```")[0], re.MULTILINE)


@cache
def policy() -> Snapshot:
    return assemble_at_once(build(shipped_sources(), BuildCache(), shipped()))


@pytest.mark.parametrize(("verdict", "command"), STOPS)
def test_what_it_stops_is_stopped(verdict: str, command: str) -> None:
    assert decide(policy(), shell_call(command, shipped())).verdict is Verdict[verdict.upper()]


def test_the_rule_is_what_is_written_and_answers_as_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["--config-dir", str(tmp_path), "--state-dir", str(tmp_path / "state")]
    asked = re.search(r"^security-hooks rules new (\S+) --from '(.+)'$", README, re.MULTILINE)
    shown = re.search(r'^\$ security-hooks check "(.+)"\n(.+)$', README, re.MULTILINE)
    assert asked is not None and shown is not None
    assert main(["rules", "new", asked[1], "--from", asked[2], *own]) == 0
    written = (tmp_path / f"rules/{asked[1]}.rules").read_text()
    assert f"```\n{written}```\n" in README
    capsys.readouterr()
    main(["check", shown[1], *own])
    assert capsys.readouterr().out.splitlines()[0] == shown[2]


def test_the_configuration_is_one_that_nobody_is_warned_of() -> None:
    text = README.split("```toml\n")[1].split("```")[0]
    sources = shipped_sources()
    layers = (*sources.layers, Layer("user", "config.toml", text.encode()))
    assert build(replace(sources, layers=layers), BuildCache(), shipped()).diagnostics == ()


def told_commands() -> dict[str, list[str]]:
    """The commands of the table, each with its verbs."""
    told: dict[str, list[str]] = {}
    for cell in re.findall(r"^\| (`security-hooks .+?) \| ", README, re.MULTILINE):
        first, *others = re.findall(r"`(?:security-hooks )?([^`]+)`", cell)
        name, *verb = first.replace(' "COMMAND"', "").split()
        told[name] = [*verb, *others] if verb else []
        told |= {} if verb else {other: [] for other in others}
    return told


def verbs_of(name: str) -> list[str]:
    """The verbs of a command, as its own parser has them."""
    parser = argparse.ArgumentParser()
    import_module(f"security_hooks.cli.{name.replace('-', '_')}").COMMAND.add_arguments(parser)
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [verb for group in groups for verb in group.choices]


def test_the_table_has_every_command_and_no_other() -> None:
    assert sorted(told_commands()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_has_every_verb_and_no_other(name: str) -> None:
    assert told_commands()[name] == verbs_of(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_summary_is_a_phrase_in_small_letters_and_help_has_an_example(name: str) -> None:
    command = import_module(f"security_hooks.cli.{name.replace('-', '_')}").COMMAND
    assert command.summary[0].islower() and not command.summary.endswith(".")
    assert f"security-hooks {name}" in command.example
