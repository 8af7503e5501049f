import shutil
import sys
from pathlib import Path

import pytest

from security_hooks.audit.chain import unseal
from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.keys import KEYS, own_key
from security_hooks.audit.ledger import keep
from security_hooks.audit.reader import last_lines
from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.install import soundness
from security_hooks.install.soundness import Sound, is_dynamic
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.service.load import policy_directories

NOW = 1_800_000_000.0
SHIM = Path(sys.executable).with_name("security-hooks-shim")


def found(tmp_path: Path, what: str, *, shim: Path | None = None, now: float = NOW) -> list[Sound]:
    directories = policy_directories(tmp_path / "config", None, tmp_path / "state")
    items = soundness.soundness(shim, directories, tmp_path / "state/audit", now)
    return [item for item in items if item.what == what]


def write_record(tmp_path: Path, at: float) -> Path:
    log = tmp_path / "state/audit"
    writer = AuditWriter(log, WriterSettings(1 << 20, 1 << 20, Content.FULL))
    writer.append(AuditRecord(RecordKind.START, int(at * 1_000_000_000), {"version": "1"}))
    writer.close()
    return log


def test_the_shim_of_this_installation_is_static() -> None:
    assert not is_dynamic(SHIM.read_bytes())
    shell = shutil.which("bash")
    assert shell is not None and is_dynamic(Path(shell).read_bytes())
    assert is_dynamic(b"#!/bin/sh\n") and is_dynamic(b"\x7fELF")


def test_a_shim_that_a_project_or_others_can_subvert_is_bad(tmp_path: Path) -> None:
    script = tmp_path / "security-hooks-shim"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o777)
    findings = [item.remark for item in found(tmp_path, "shim", shim=script)]
    assert {remark.state for remark in findings} == {"bad"}
    assert any("no static program" in remark.finding for remark in findings)
    assert any(f"others may write to {script}" in remark.finding for remark in findings)
    (gone,) = found(tmp_path, "shim", shim=tmp_path / "none")
    assert gone.remark.state == "bad"


def test_a_catalogue_file_that_is_refused_is_bad(tmp_path: Path) -> None:
    assert found(tmp_path, "catalogue")[0].remark.finding == "as shipped"
    (tmp_path / "config/catalogue").mkdir(parents=True)
    (tmp_path / "config/catalogue/a.toml").write_text("nonsense = 1\n")
    states = {item.remark.state for item in found(tmp_path, "catalogue")}
    assert "bad" in states


def test_a_chain_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, "chain")[0].remark.finding == "0 records, whole, not signed"
    log = write_record(tmp_path, NOW)
    assert found(tmp_path, "chain")[0].remark.state == "well"
    (segment,) = log.glob("*.jsonl")
    text = segment.read_bytes()
    segment.write_bytes(text.replace(b'"version":"1"', b'"version":"2"'))
    assert found(tmp_path, "chain")[0].remark.state == "bad"
    monkeypatch.setattr(soundness, "CHECKED_BYTES", 1)
    assert found(tmp_path, "chain")[0].remark.state == "warning"


def test_checkpoints_are_asked_too(tmp_path: Path) -> None:
    log = write_record(tmp_path, NOW)
    key = own_key(log.parent)
    (line,), _ = last_lines(log, 1)
    link = unseal(line[:-1])
    assert link is not None
    keep(log.parent, sign_checkpoint((1, link.hash), "2026-11-21T12:00:00.000000000Z", "", key))
    assert found(tmp_path, "chain")[0].remark.finding == "1 records, whole, signed up to 1"
    (log.parent / KEYS).rename(tmp_path / "away")
    (remark,) = (item.remark for item in found(tmp_path, "chain"))
    assert (remark.state, remark.mend) == ("warning", "security-hooks audit verify")
    assert key.public.id in remark.finding
    (tmp_path / "away").rename(log.parent / KEYS)
    (log / "00000001.jsonl").write_bytes(b"")
    assert found(tmp_path, "chain")[0].remark.finding == "the log was changed: truncation at record 1"


@pytest.mark.parametrize(("now", "state"), [(NOW, "well"), (NOW - 30, "well"), (NOW - 3600, "bad"), (1000.0, "bad")])
def test_a_clock_behind_the_log_is_bad(tmp_path: Path, now: float, state: str) -> None:
    write_record(tmp_path, NOW)
    assert found(tmp_path, "clock", now=now)[0].remark.state == state


def test_a_last_line_that_is_none_says_nothing_of_the_clock(tmp_path: Path) -> None:
    log = write_record(tmp_path, NOW)
    (segment,) = log.glob("*.jsonl")
    segment.write_bytes(b"[]\n")
    assert found(tmp_path, "clock", now=NOW - 3600)[0].remark.state == "well"
