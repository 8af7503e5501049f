import argparse
import hashlib
import json
import stat
from base64 import b64decode
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import own_key
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.statement import PAYLOAD_TYPE
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.audit import COMMAND
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, RecordKind

NOON = 1_795_262_400_000_000_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A log of six calls in several segments, and a key."""
    own_key(tmp_path)
    settings = WriterSettings(segment_bytes=800, reserve_bytes=65_536)
    writer = AuditWriter(tmp_path / "audit", settings, clock=lambda: NOON)
    for verdict in ("allow", "deny", "ask", "allow", "allow", "deny"):
        writer.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": verdict}))
    writer.close()
    return tmp_path


def run(state: Path, *words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args(["attest", *map(str, words), "--state-dir", str(state)]))


def test_what_is_printed_is_an_envelope(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(state, "--first", "2", "--last", "4") == 0
    envelope = json.loads(capsys.readouterr().out)
    statement = json.loads(b64decode(envelope["payload"]))
    assert envelope["payloadType"] == PAYLOAD_TYPE
    assert statement["predicate"]["verdicts"] == {"allow": 1, "ask": 1, "deny": 1}


def test_files_are_written_for_their_owner_and_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(state, "--out", state / "a.json", "--records", state / "a.jsonl") == 0
    digest = hashlib.sha256((state / "a.jsonl").read_bytes()).hexdigest()
    assert f"records 1 to 6, SHA-256 {digest}, signed by {own_key(state).public.id}" in capsys.readouterr().out
    log = b"".join(path.read_bytes() for path in sorted((state / "audit").glob("*.jsonl")))
    assert (state / "a.jsonl").read_bytes() == log
    assert stat.S_IMODE((state / "a.jsonl").stat().st_mode) == 0o600
    assert run(state, "--out", state / "a.json", "--last", "3", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["first"], said["last"], said["out"]) == (1, 3, str(state / "a.json"))


def test_a_changed_log_is_not_attested_and_leaves_no_file(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment = state / "audit/00000001.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b'"deny"', b'"allow"'))
    before = set(state.iterdir())
    assert run(state, "--out", state / "a.json", "--records", state / "a.jsonl") == 1
    assert "nothing was signed: the log is not whole at record 2" in capsys.readouterr().err
    assert set(state.iterdir()) == before


def test_what_is_not_there_is_said(state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(state, "--last", "9") == 1
    assert capsys.readouterr().err == "nothing was signed: the log ends with record 6\n"
    with pytest.raises(StartupError, match="--last 2 is before --first 3") as raised:
        run(state, "--first", "3", "--last", "2")
    assert raised.value.exit_status == 64
    with pytest.raises(StartupError, match="cannot be written"):
        run(state, "--records", state / "nowhere/a.jsonl")
    (state / "keys").rename(state / "away")
    with pytest.raises(AuditError, match="there is no key"):
        run(state)
    assert run(tmp_path / "empty") == 1
    assert "there is no audit log" in capsys.readouterr().err
