import asyncio
import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from security_hooks.audit.failure import AuditError
from security_hooks.catalogue.load import shipped
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import GrantSettings, Layer
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.granter import Granter, remade
from security_hooks.service.grants import MOST_OF_PROJECT, Grant, Grants

ROOT = Path(__file__).parents[3]
RULES = b'block "no-push"\n  match command("git") subcommand("push")\n'


def snapshot(**settings: Any) -> Snapshot:
    layers = (Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes()),)
    made = build(Sources(layers, (RuleFile("user", "m.rules", RULES),)), BuildCache(), shipped())
    config = dataclasses.replace(made.config, grants=GrantSettings(**settings))
    return assemble_at_once(replace(made, config=config))


class Office:
    """A granter with a log, a file and a clock of our own."""

    def __init__(self, place: Path) -> None:
        self.records: list[AuditRecord] = []
        self.error: AuditError | None = None
        self.file = place / "grants.json"
        self.grants = Grants(self.file, lambda *_: None, lambda: 0.0, lambda: 1_000.0)
        self.granter = Granter(self.grants, "/home/u", random.Random(1).choice, self._append)

    def _append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        self.records.append(record)
        return 1

    def make(self, text: str, project: str | None = "/p", session: str = "s", **settings: Any) -> Grant | str:
        made = self.granter.make(
            text, project, snapshot(**settings), by="prompt", pid=7, client="codex-cli", session=session
        )
        return asyncio.run(made)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_what_is_understood_is_recorded_and_in_force(office: Office) -> None:
    made = office.make("allow push 5m")
    assert isinstance(made, Grant)
    assert (len(made.id), made.said, made.until, made.session) == (4, "allow push", 1_300.0, "")
    assert [held.grant for held in office.grants.of("/p")] == [made]
    (record,) = office.records
    assert record.kind is RecordKind.GRANT
    assert record.fields["said"] == "allow push" and record.fields["peer_pid"] == 7


@pytest.mark.parametrize(
    ("text", "settings", "seconds"),
    [
        ("allow push", {}, 600),
        ("allow push", {"max_minutes": 5}, 300),
        ("allow push 1h", {}, 3600),
        ("allow push for this session", {}, 3600),
    ],
)
def test_without_a_time_it_is_ten_minutes_and_never_longer_than_the_most(
    office: Office, text: str, settings: dict[str, Any], seconds: int
) -> None:
    made = office.make(text, **settings)
    assert isinstance(made, Grant)
    assert made.until - made.begun == seconds


@pytest.mark.parametrize(
    ("text", "given", "why"),
    [
        ("allow everything", {}, "is not a word"),
        ("allow push 2h", {}, "longer than 60 minutes"),
        ("allow push", {"project": None}, "no project"),
        ("allow push for this session", {"session": ""}, "is for prompts"),
        ("allow rule guard-files", {}, "is no rule that can be lifted"),
        ("allow rule none", {}, "is no rule that can be lifted"),
        ('allow commands "git status"', {}, "no rule objects"),
        ("forbid writes to <x>", {}, "is no PATH"),
    ],
)
def test_what_is_refused_says_why_and_is_not_recorded_as_granted(
    office: Office, text: str, given: dict[str, Any], why: str
) -> None:
    made = office.make(text, **given)
    assert isinstance(made, str)
    assert why in made
    assert office.grants.all() == ()
    assert office.records == []


def test_what_cannot_be_recorded_is_not_in_force(office: Office) -> None:
    office.error = AuditError("full")
    with pytest.raises(AuditError):
        office.make("allow push")
    assert office.grants.all() == ()


def test_what_cannot_be_kept_is_not_in_force_and_the_log_says_so(office: Office) -> None:
    office.file.with_suffix(".new").mkdir()
    assert "cannot be kept" in str(office.make("allow push"))
    assert office.grants.all() == ()
    assert "refused" in office.records[-1].fields


def test_there_are_only_so_many(office: Office) -> None:
    for number in range(MOST_OF_PROJECT):
        assert isinstance(office.make(f"forbid writes to f{number}"), Grant)
    assert "too many" in str(office.make("forbid writes to x"))


@pytest.mark.parametrize(
    "text", ["allow push", "forbid writes to a", 'allow commands "git push"', "allow rule no-push"]
)
def test_what_was_kept_is_made_again(office: Office, text: str) -> None:
    made = office.make(text)
    assert isinstance(made, Grant)
    rule, (held,) = remade(made), office.grants.of("/p")
    assert rule is not None
    assert (rule.name, rule.tier, rule.matches) == (held.rule.name, held.rule.tier, held.rule.matches)


@pytest.mark.parametrize(
    "fields",
    [
        {"word": "frob"},
        {"verb": "except"},
        {"argument": 'x" or command("y'},
        {"word": "rule", "argument": "x", "lifts": ()},
    ],
)
def test_what_this_version_would_not_have_kept_is_nothing(office: Office, fields: dict[str, Any]) -> None:
    made = office.make("allow writes to a")
    assert isinstance(made, Grant)
    assert remade(replace(made, **fields)) is None
