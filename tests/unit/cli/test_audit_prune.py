import json
from pathlib import Path
from typing import Any

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli import audit_prune
from security_hooks.cli.main import main
from security_hooks.insight.cursor import Mark, save_mark
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.service.prune_messages import Pruned

NOON = 1_795_262_400_000_000_000


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of sixty records in many segments, which no daemon writes; and a person at the terminal."""
    monkeypatch.setattr(audit_prune, "require_person", lambda _: None)
    settings = WriterSettings(segment_bytes=2_000, reserve_bytes=65_536)
    writer = AuditWriter(tmp_path / "audit", settings, clock=lambda: NOON)
    for _ in range(60):
        writer.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": "allow"}))
    writer.close()
    return tmp_path


def audit(state: Path, verb: str, *words: str) -> int:
    more = ("--socket", str(state / "none.sock")) if verb == "prune" else ()
    return main(["audit", verb, *words, *more, "--state-dir", str(state)])


def first(state: Path) -> int:
    return min(int(path.name[:8]) for path in (state / "audit").glob("*.jsonl"))


def test_old_records_go_and_the_log_is_whole_from_there(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(state, "prune", "--before", "2027-01-01", "--dry-run") == 0
    assert "would be pruned: " in capsys.readouterr().out
    assert first(state) == 1
    assert audit(state, "prune", "--before", "2027-01-01", "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["first"], told["through"], told["record"]) == (1, first(state) - 1, 61)
    assert audit(state, "verify", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["whole"], report["first"], report["pruned"]["record"]) == (True, first(state), 61)
    assert audit(state, "verify") == 0
    out = capsys.readouterr().out
    assert f"from record {first(state)} on\nrecords 1 to {first(state) - 1} were pruned, at " in out
    assert "(record 61 says so: older than 2027-01-01T00:00:00.000000000Z)" in out
    assert audit(state, "show", "1") == 1
    assert f"no record 1 in {state}/audit: the log begins with record {first(state)}" in capsys.readouterr().err
    assert audit(state, "prune", "--before", "2027-01-01") == 0
    assert "nothing to prune" in capsys.readouterr().out


def test_the_log_shrinks_to_a_size(state: Path) -> None:
    assert audit(state, "prune", "--keep-bytes", "4K") == 0
    assert sum(path.stat().st_size for path in (state / "audit").glob("*.jsonl")) < 4096 + 2048
    assert first(state) > 1


def test_what_a_sink_has_not_taken_stays_unless_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_mark(state / "insight/sinks/siem.json", Mark(1, 50, 1, "ab", 50))
    assert audit(state, "prune", "--before", "2027-01-01") == 1
    assert "kept for siem, which has yet to take" in capsys.readouterr().out
    assert first(state) == 1
    assert audit(state, "prune", "--before", "2027-01-01", "--even-undelivered") == 0
    assert f"not delivered to siem: {first(state) - 2} of them" in capsys.readouterr().out


def test_what_was_pruned_is_not_attested_and_an_attestation_of_it_says_where_it_went(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(state, "prune", "--keep-bytes", "9K") == 0
    begin = first(state)
    assert audit(state, "attest", "--out", str(state / "a.json"), "--records", str(state / "a.jsonl")) == 0
    assert audit(state, "attest", "--first", "1") == 1
    assert f"nothing was signed: the log begins with record {begin}" in capsys.readouterr().err
    assert audit(state, "verify-attestation", str(state / "a.json")) == 0
    assert audit(state, "prune", "--keep-bytes", "3K") == 0
    capsys.readouterr()
    assert audit(state, "verify-attestation", str(state / "a.json")) == 1
    assert "its records are no longer here" in capsys.readouterr().out
    assert audit(state, "verify-attestation", str(state / "a.json"), "--records", str(state / "a.jsonl")) == 0


@pytest.mark.parametrize(
    "words",
    [(), ("--before", "soon"), ("--keep-bytes", "much"), ("--keep-bytes", "1G", "--older-than", "90d")],
)
def test_it_takes_one_limit_that_can_be_read(state: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as raised:
        audit(state, "prune", *words)
    assert raised.value.code == 64
    assert first(state) == 1


def test_a_log_that_another_daemon_writes_is_left_alone(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    writer = AuditWriter(state / "audit", WriterSettings(reserve_bytes=65_536))
    assert audit(state, "prune", "--keep-bytes", "0") == 69
    assert "is being written by process" in capsys.readouterr().err
    writer.close()
    assert first(state) == 1


def test_what_the_daemon_refuses_is_said(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit_prune, "_asked", lambda *_: Pruned(refused="only a person decides this"))
    assert audit(state, "prune", "--keep-bytes", "0") == 70
    assert "only a person decides this" in capsys.readouterr().err


def test_without_a_person_nothing_is_pruned(tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from security_hooks.cli import terminal

    monkeypatch.setattr(terminal, "TERMINAL", tmp_path / "none")
    monkeypatch.setattr(audit_prune, "require_person", terminal.require_person)
    assert audit(state, "prune", "--keep-bytes", "0") == 64
    assert audit(state, "prune", "--keep-bytes", "0", "--dry-run") == 0
    assert first(state) == 1
