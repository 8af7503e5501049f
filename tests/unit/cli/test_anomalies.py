import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.logs.synthesise import DENIED, PROFILES, bash, write_log

from security_hooks.cli import anomalies
from security_hooks.cli.main import main
from security_hooks.service import wire


@pytest.fixture
def state(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A state directory with the log of a profile, up to now."""
    write_log(tmp_path, PROFILES[request.param](time.time(), Random(1)))
    return str(tmp_path)


@pytest.mark.parametrize("state", ["low-activity"], indirect=True)
def test_a_quiet_log_ends_in_0(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anomalies", "--state-dir", state]) == 0
    assert capsys.readouterr().out.startswith("quiet: nothing stands out in ")


@pytest.mark.parametrize(
    ("state", "severity", "kind"),
    [
        ("bursty", "low", "file-read-volume"),
        ("secret-heavy", "medium", "secret-redact-rate"),
        ("denied-heavy", "high", "deny-rate"),
    ],
    indirect=["state"],
)
def test_what_stands_out_is_one_line_and_ends_in_1(
    state: str, severity: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["anomalies", "--state-dir", state]) == 1
    line, total = capsys.readouterr().out.splitlines()
    assert line.split()[2:4] == [severity, kind]
    assert total.startswith("1 alert in ")
    assert main(["anomalies", "--state-dir", state, "--json"]) == 1
    (alert,) = json.loads(capsys.readouterr().out)["alerts"]
    assert (alert["anomaly"], alert["severity"]) == (kind, severity)
    assert alert["observed"] >= alert["threshold"] >= alert["expected"]


@pytest.mark.parametrize("state", ["denied-heavy"], indirect=True)
def test_the_multiplier_and_the_window_are_taken(state: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anomalies", "--state-dir", state, "--threshold-multiplier", "10"]) == 0
    assert main(["anomalies", "--state-dir", state, "--window", "1h", "--json"]) == 1
    assert '"window_seconds": 3600' in capsys.readouterr().out


def test_what_is_older_is_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = time.time()
    write_log(tmp_path, (bash(now - 3 * 3_600 + number, "s", "rm -rf /", DENIED) for number in range(12)))
    assert main(["anomalies", "--state-dir", str(tmp_path), "--since", "2h"]) == 0
    assert "in 0 records" in capsys.readouterr().out
    assert main(["anomalies", "--state-dir", str(tmp_path), "--since", "4h"]) == 1
    assert main(["anomalies", "--state-dir", str(tmp_path)]) == 1


def test_two_of_a_kind_are_two_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = time.time()
    calls = [bash(now - back + number, "s", "rm", DENIED) for back in (7_200, 3_600) for number in range(12)]
    write_log(tmp_path, iter(calls))
    assert main(["anomalies", "--state-dir", str(tmp_path), "--json"]) == 1
    assert [alert["severity"] for alert in json.loads(capsys.readouterr().out)["alerts"]] == ["high", "high"]


@pytest.mark.parametrize(
    "words",
    [
        ["--window", "3m"],
        ["--window", "8d"],
        ["--window", "x"],
        ["--threshold-multiplier", "0"],
        ["--threshold-multiplier", "nan"],
        ["--since", "soon"],
        ["clear"],
    ],
)
def test_what_it_does_not_take_ends_in_64(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["anomalies", *words])
    assert ended.value.code == 64
    assert "--help" in capsys.readouterr().err


def test_without_a_log_it_ends_in_64(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["anomalies", "--state-dir", str(tmp_path)]) == 64
    assert "there is no audit log" in capsys.readouterr().err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the daemon is asked, and what it answers."""
    exchange: dict[str, Any] = {}

    def ask(path: Path, name: str, *keys: str, payload: bytes) -> dict[str, Any]:
        exchange["asked"] = (name, payload)
        answer: dict[str, Any] = exchange["answer"]
        return answer

    monkeypatch.setattr(anomalies, "require_person", lambda _: None)
    monkeypatch.setattr(anomalies, "ask_json", ask)
    return exchange


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"cleared": "Bash"}, 0, "cleared: calls of Bash are judged by the rules alone again"),
        ({"refused": "no such tool is asked about", "unknown": True}, 1, "no such tool is asked about"),
        ({"refused": "only a person decides this", "unknown": False}, 64, "security-hooks: only a person decides this"),
    ],
)
def test_a_person_clears_a_tool(
    asked: dict[str, Any], answer: dict[str, Any], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked["answer"] = answer
    assert main(["anomalies", "clear", "Bash", "--socket", "/run/s"]) == status
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip() == said
    assert asked["asked"] == (wire.CLEAR, b"Bash")
    if status != 64:
        assert main(["anomalies", "clear", "Bash", "--socket", "/run/s", "--json"]) == status
        assert json.loads(capsys.readouterr().out) == answer
