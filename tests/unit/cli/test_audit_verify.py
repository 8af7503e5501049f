import argparse
import json
from pathlib import Path

import pytest

from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.keys import KEYS, SigningKey, own_key
from security_hooks.audit.ledger import LEDGER, keep
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.audit import COMMAND
from security_hooks.model.record import AuditRecord, RecordKind

NOON = 1_795_262_400_000_000_000
AT = "2026-11-21T12:00:00.000000000Z"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The key of a log of three calls, a checkpoint of them in it and beside it, and one call more."""
    key = own_key(tmp_path)
    writer = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536), clock=lambda: NOON)
    for _ in range(3):
        writer.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": "allow"}))
    checkpoint = sign_checkpoint(writer.head, AT, "cd" * 32, key)
    keep(tmp_path, checkpoint)
    writer.append(AuditRecord(RecordKind.CHECKPOINT, NOON, checkpoint.fields()))
    writer.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": "allow"}))
    writer.close()
    return key


def run(state: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args(["verify", *words, "--state-dir", str(state)]))


def public(key: SigningKey, place: Path) -> str:
    path = place / f"{key.public.id[:8]}.pem"
    path.write_bytes(key.public.pem())
    return str(path)


def test_it_says_how_far_the_log_is_signed(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 0
    assert capsys.readouterr().out == (
        f"whole: 5 records in 1 segment\nsigned: up to record 3 of 5, at {AT} by {key.public.id[:16]} (1 checkpoint)\n"
    )
    assert run(tmp_path, "--json", "--key", public(key, tmp_path)) == 0
    assert json.loads(capsys.readouterr().out) == {
        "whole": True,
        "records": 5,
        "segments": 1,
        "torn": None,
        "problem": None,
        "first": 1,
        "pruned": None,
        "proof": {"checkpoints": 1, "covered": 3, "at": AT, "signers": [key.public.id]},
    }


def test_a_lost_end_is_named_by_its_checkpoint(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = tmp_path / "audit/00000001.jsonl"
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:2]))
    assert run(tmp_path, "--chain-only") == 0
    assert capsys.readouterr().out == "whole: 2 records in 1 segment\n"
    assert run(tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[1] == (
        f"first bad record: 3 ({tmp_path}/{LEDGER}, line 1): truncation:"
        f" record 3 is missing at the end: record 3 was signed at {AT}"
    )


def test_a_log_that_is_gone_is_a_lost_end(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "audit/00000001.jsonl").unlink()
    assert run(tmp_path) == 1
    assert "records 1 to 3 are missing at the end" in capsys.readouterr().out


def test_checkpoints_kept_elsewhere_count(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / LEDGER).rename(tmp_path / "copy")
    segment = tmp_path / "audit/00000001.jsonl"
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:2]))
    assert run(tmp_path) == 0
    assert "not signed: " in capsys.readouterr().out
    assert run(tmp_path, "--checkpoints", str(tmp_path / "copy")) == 1
    assert "truncation" in capsys.readouterr().out


def test_checkpoints_that_are_not_there_are_no_proof(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, "--checkpoints", str(tmp_path / "nowhere"))
    assert "there is no file" in capsys.readouterr().err


def test_a_missing_key_is_told_with_what_mends_it(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = public(key, tmp_path)
    (tmp_path / KEYS).rename(tmp_path / "away")
    assert run(tmp_path) == 1
    assert capsys.readouterr().out == (
        "unproven: 5 records in 1 segment\n"
        "the chain is whole, but no_key:"
        f" the checkpoints cannot be checked, since their key {key.public.id} is not here\n"
        "what helps: give its public half: --key FILE"
        " (where the log was written, `security-hooks audit key` prints it);"
        " or check the chain alone: --chain-only\n"
    )
    assert run(tmp_path, "--key", pem) == 0
    assert run(tmp_path, "--chain-only") == 0


def test_a_foreign_key_is_told_with_what_mends_it(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    other = public(own_key(tmp_path / "other"), tmp_path)
    assert run(tmp_path, "--key", other) == 1
    assert "foreign_key: the checkpoint of record 3 is signed by another key" in capsys.readouterr().out
    assert run(tmp_path, "--key", other, "--key", public(key, tmp_path)) == 0


def test_a_log_that_the_given_key_has_not_signed_is_unproven(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "new"
    writer = AuditWriter(state / "audit", WriterSettings(reserve_bytes=65_536), clock=lambda: NOON)
    writer.append(AuditRecord(RecordKind.START, NOON, {}))
    writer.close()
    assert run(state) == 0
    assert run(state, "--key", public(key, tmp_path)) == 1
    assert "unsigned: no checkpoint of the given key covers any record" in capsys.readouterr().out
