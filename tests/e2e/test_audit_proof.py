"""A real daemon signs its log; what the page on it says of checking it is done by hand, with other programs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/audit.md").read_text()
ALLOWED = "echo harmless-marker"
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def configured(daemon: Any, records: int) -> Any:
    daemon.config.mkdir()
    (daemon.config / "config.toml").write_text(f"[audit]\ncheckpoint_records = {records}\nsegment_bytes = 65536\n")
    return daemon


def by_hand(text: str, place: Path) -> subprocess.CompletedProcess[str]:
    for program, package in (("openssl", "openssl"), ("jq", "jq"), ("bash", "bash")):
        if shutil.which(program) is None:
            pytest.skip(f"`{program}` is not installed: apt-get install {package}")
    command = ["bash", "-e", "-c", text]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, check=False)


def checkpoints(daemon: Any) -> list[dict[str, Any]]:
    path = daemon.state / "checkpoints.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def proven(unstarted: Any) -> Any:
    """A log of two runs of a daemon, one of them killed, with checkpoints of both."""
    daemon = configured(unstarted, 4).start()
    for _ in range(6):
        assert daemon.call(ALLOWED).verdict == "allow"
    daemon.wait_until(lambda: "checkpoint" in {record["kind"] for record in daemon.records()})
    daemon.process.kill()
    daemon.process.wait()
    daemon.start()
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.stop() == 0
    return daemon


def test_a_log_is_proven_across_a_crash_and_a_restart(proven: Any) -> None:
    report = json.loads(proven.run("audit", "verify", "--json", "--state-dir", proven.state).stdout)
    last = proven.records()[-1]
    assert report["whole"] is True
    assert (report["proof"]["covered"], last["kind"]) == (last["seq"], "stop")
    assert report["proof"]["checkpoints"] >= 2
    assert len(report["proof"]["signers"]) == 1
    assert "checkpoint" in {record["kind"] for record in proven.records()}
    assert (proven.state / "keys/security-hooks-audit.pem").stat().st_mode & 0o777 == 0o600


def test_a_cut_off_end_shows_also_after_the_next_start(proven: Any) -> None:
    segment = proven.state / "audit/00000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:-2]))
    assert proven.run("audit", "verify", "--chain-only", "--state-dir", proven.state).returncode == 0
    found = proven.run("audit", "verify", "--state-dir", proven.state)
    assert found.returncode == 1
    assert f"records {len(lines) - 1} to {len(lines)} are missing at the end" in found.stdout
    proven.start()
    assert proven.stop() == 0
    again = proven.run("audit", "verify", "--state-dir", proven.state)
    assert again.returncode == 1
    assert "not what was signed" in again.stdout


def test_checkpoints_come_with_new_segments_while_calls_go_on(unstarted: Any) -> None:
    daemon = configured(unstarted, 1_000_000).start()
    while len(list((daemon.state / "audit").glob("*.jsonl*"))) < 2:
        assert daemon.answers([daemon.shim(ALLOWED + " x" * 2000) for _ in range(4)]) == ["allow"] * 4
    daemon.wait_until(lambda: checkpoints(daemon))
    assert daemon.verify().returncode == 0


def test_the_page_checks_an_attestation_without_us(proven: Any, tmp_path: Path) -> None:
    key = proven.run("audit", "key", "--state-dir", proven.state)
    (tmp_path / "audit.pub").write_text(key.stdout)
    words = ("--first", "2", "--out", tmp_path / "a.json", "--records", tmp_path / "a.jsonl")
    assert proven.run("audit", "attest", *words, "--state-dir", proven.state).returncode == 0
    shown = by_hand("".join(blocks("attestation")), tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == "Signature Verified Successfully\nthe same records\n"
    script = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", blocks("python")[0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert script.stdout == "{'allow': 7}\n"
    (tmp_path / "a.jsonl").write_text("others\n")
    assert by_hand("".join(blocks("attestation")), tmp_path).returncode == 1


def test_the_page_tells_a_changed_attestation(proven: Any, tmp_path: Path) -> None:
    (tmp_path / "audit.pub").write_text(proven.run("audit", "key", "--state-dir", proven.state).stdout)
    envelope = json.loads(proven.run("audit", "attest", "--state-dir", proven.state).stdout)
    envelope["payload"] = "e30="
    (tmp_path / "a.json").write_text(json.dumps(envelope))
    shown = by_hand(blocks("attestation")[0], tmp_path)
    assert (shown.returncode, shown.stdout) == (1, "Signature Verification Failure\n")


def test_the_page_checks_a_checkpoint_without_us(proven: Any, tmp_path: Path) -> None:
    (tmp_path / "audit.pub").write_text(proven.run("audit", "key", "--state-dir", proven.state).stdout)
    shutil.copy(proven.state / "checkpoints.jsonl", tmp_path)
    shown = by_hand(blocks("checkpoint")[0], tmp_path)
    assert shown.stdout == "Signature Verified Successfully\n"


def test_a_key_that_cannot_be_used_stops_no_call(unstarted: Any) -> None:
    daemon = configured(unstarted, 2)
    (daemon.state / "keys").mkdir(parents=True, mode=0o700)
    (daemon.state / "keys/security-hooks-audit.pem").write_text("nonsense")
    (daemon.state / "keys/security-hooks-audit.pem").chmod(0o600)
    daemon.start()
    assert [daemon.call(ALLOWED).verdict for _ in range(4)] == ["allow"] * 4
    daemon.wait_until(lambda: "no checkpoint was made" in daemon.log)
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.stop() == 0
    assert checkpoints(daemon) == []
    assert daemon.verify().stdout.splitlines()[1].startswith("not signed: ")
