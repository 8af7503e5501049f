import argparse
import json
from pathlib import Path

import pytest

from security_hooks.audit.dsse import open_envelope, seal_envelope
from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import SigningKey, own_key
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.statement import PAYLOAD_TYPE
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.audit import COMMAND
from security_hooks.model.record import AuditRecord, RecordKind

NOON = 1_795_262_400_000_000_000


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> SigningKey:
    """The key of a log of three calls, of which the last two are attested."""
    key = own_key(tmp_path)
    writer = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536), clock=lambda: NOON)
    for verdict in ("allow", "deny", "ask"):
        writer.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": verdict}))
    writer.close()
    (tmp_path / "audit.pub").write_bytes(key.public.pem())
    words = ("attest", "--first", "2", "--out", tmp_path / "a.json", "--records", tmp_path / "a.jsonl")
    assert run(tmp_path, *words) == 0
    capsys.readouterr()
    return key


def run(state: Path, *words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args([*map(str, words), "--state-dir", str(state)]))


def check(state: Path, *words: str | Path) -> int:
    return run(state, "verify-attestation", *words)


def test_the_log_itself_proves_it(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, tmp_path / "a.json") == 0
    assert capsys.readouterr().out == f"proven: records 2 to 3 (1 ask, 1 deny), signed by {key.public.id}\n"


def test_a_third_party_needs_the_public_half_and_the_records(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (tmp_path / "a.json", "--key", tmp_path / "audit.pub", "--json")
    nowhere = tmp_path / "nowhere"
    assert check(nowhere, *words, "--records", tmp_path / "a.jsonl") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["proven"], said["first"], said["last"], said["records"]) == (True, 2, 3, 2)
    assert said["verdicts"] == {"ask": 1, "deny": 1}
    assert check(nowhere, *words) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["proven"] is False and said["why"].endswith("but the records are not here: give them: --records FILE")
    assert check(nowhere, tmp_path / "a.json") == 1
    assert "there is no key" in capsys.readouterr().out


def test_a_changed_record_is_no_proof(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "audit/00000001.jsonl", tmp_path / "a.jsonl"):
        path.write_bytes(path.read_bytes().replace(b'"ask"', b'"asx"'))
    assert check(tmp_path, tmp_path / "a.json") == 1
    assert check(tmp_path, tmp_path / "a.json", "--records", tmp_path / "a.jsonl") == 1
    told = "but the records are others: the log is not whole at record 3: see `security-hooks audit verify`"
    assert capsys.readouterr().out.count(told) == 2


def test_records_that_say_something_else_are_named(
    key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed by our own key, and yet not what the log holds: another log of the same machine."""
    opened = open_envelope((tmp_path / "a.json").read_bytes(), PAYLOAD_TYPE, (key.public,))
    payload = getattr(opened, "payload", b"").replace(b'"ask":1', b'"ask":2')
    (tmp_path / "b.json").write_bytes(seal_envelope(PAYLOAD_TYPE, payload, key))
    assert check(tmp_path, tmp_path / "b.json") == 1
    assert '`verdicts` is {"ask":1,"deny":1} in the records' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no DSSE envelope"),
        (b'{"payloadType":"text/plain","payload":"","signatures":[]}', "it holds `text/plain`"),
    ],
)
def test_what_is_no_attestation_is_said(
    content: bytes, why: str, key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.json").write_bytes(content)
    assert check(tmp_path, tmp_path / "b.json") == 1
    assert capsys.readouterr().out.startswith(f"not proven: {why}")


def test_another_key_is_no_proof(key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other.pub").write_bytes(own_key(tmp_path / "other").public.pem())
    assert check(tmp_path, tmp_path / "a.json", "--key", tmp_path / "other.pub") == 1
    assert f"it is signed by {key.public.id}, which is none of the given keys" in capsys.readouterr().out


def test_files_that_cannot_be_read_are_said(key: SigningKey, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="nowhere cannot be read"):
        check(tmp_path, tmp_path / "nowhere")
    with pytest.raises(AuditError, match="nowhere cannot be read"):
        check(tmp_path, tmp_path / "a.json", "--records", tmp_path / "nowhere")
