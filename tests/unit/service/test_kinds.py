from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer, Mode
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.approvals import Outcome
from security_hooks.service.kinds import MOST_PROJECTS, kinds_of
from security_hooks.service.offline import shell_event
from security_hooks.service.recall import Case

ROOT = Path(__file__).parents[3]
RULES = """
suspicious "unknown"
  match base_command_not_in(allowed_executables)
suspicious "outside"
  match writes("<outside>")
suspicious "worst"
  match command("frob") with_flags("--hard")
  severity critical
suspicious "piped"
  match command("frob") pipeline_to("tee")
block "grob"
  match command("grob")
"""


@cache
def policy() -> Snapshot:
    config = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
    rules = RuleFile("shipped", "a.rules", RULES.encode())
    return assemble_at_once(build(Sources((config,), (rules,)), BuildCache(), shipped()))


def outcome(
    command: str, name: str = "1", at: str = "2026", *, ran: bool = True, project: str = "/p", is_blind: bool = False
) -> Outcome:
    return Outcome(Case(name, shell_event(command, project), Place(project, "/home/u", project)), at, ran, is_blind)


def kinds(*commands: str) -> list[tuple[str, tuple[str, ...]]]:
    found = kinds_of([outcome(command) for command in commands], policy())
    return [(kind.command, kind.rules) for kind in found]


def test_each_command_that_is_asked_about_is_of_a_kind() -> None:
    assert kinds("cd x && frob a; ls; frob b") == [("frob a", ("unknown",)), ("frob b", ("unknown",))]
    assert kinds("frob a > /srv/x") == [("frob a > /srv/x", ("outside", "unknown"))]
    assert kinds("A=1 frob a") == [("A=1 frob a", ("unknown",))]


@pytest.mark.parametrize(
    "command",
    [
        "ls",
        "grob; frob a",
        "frob --hard",
        "frob a; frob --hard",
        "frob a | tee x",
        "frob $X | tee x",
        "frob a; echo x > .mcp.json",
        "frob a; for",
        "frob " + "x" * 300,
        "frob 'a\nb'",
        "frob [CUT:9]",
        "frob '[REDACTED:github-token]'",
        "; ".join(f"frob {number}" for number in range(5)),
    ],
)
def test_what_an_approval_says_nothing_about_for_later_is_left_out(command: str) -> None:
    assert kinds(command) == []


def test_what_was_approved_is_counted_with_when_and_where() -> None:
    found = [outcome("frob", str(number), f"202{number}", project=f"/p{number}") for number in range(6)]
    (kind,) = kinds_of([*found, outcome("frob", "9", "2030", ran=False, project="/q")], policy())
    assert (kind.program, kind.asked, kind.approved) == ("frob", 7, {"0", "1", "2", "3", "4", "5"})
    assert (kind.first, kind.last) == ("2020", "2025")
    assert list(kind.projects) == [f"/p{number}" for number in range(MOST_PROJECTS)]


def test_what_a_project_with_rules_of_its_own_asks_is_for_the_project(tmp_path: Path) -> None:
    (tmp_path / ".security-hooks/rules").mkdir(parents=True)
    (tmp_path / ".security-hooks/rules/a.rules").write_text('suspicious "x"\n  match command("frob")\n')
    event = shell_event("frob", str(tmp_path))
    case = Case("1", event, Place(str(tmp_path), "/home/u", str(tmp_path)), root=str(tmp_path))
    assert kinds_of([Outcome(case, "2026", ran=True)], policy()) == ()


def test_a_policy_that_only_observes_would_ask_about_the_same_kinds() -> None:
    watching = replace(policy(), config=replace(policy().config, mode=Mode.OBSERVE))
    assert [kind.command for kind in kinds_of([outcome("frob a"), outcome("grob")], watching)] == ["frob a"]


def test_what_was_approved_blindly_is_kept_apart() -> None:
    found = [
        outcome("frob a", "1", "2026-01", is_blind=True),
        outcome("frob a", "2", "2026-02"),
        outcome("frob a", "3", "2026-03", is_blind=True),
        outcome("frob a", "4", "2026-04", ran=False, is_blind=True),
    ]
    (kind,) = kinds_of(found, policy())
    assert (kind.approved, kind.blind, kind.asked) == ({"2"}, {"1", "3"}, 4)
    assert (kind.first, kind.last) == ("2026-02", "2026-02")
