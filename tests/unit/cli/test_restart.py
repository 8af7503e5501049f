import signal
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import restart
from security_hooks.cli.main import main
from security_hooks.model.failure import StartupError

BEFORE: dict[str, Any] = {"well": True, "pid": 7, "since": 1, "version": "1"}
AFTER: dict[str, Any] = BEFORE | {"since": 2, "version": "2"}


class FakeDaemon:
    """Gives one report after the other; the last one for ever."""

    def __init__(self, *reports: dict[str, Any] | None) -> None:
        self.reports = list(reports)
        self.told: list[signal.Signals] = []

    def ask(self, path: Path) -> dict[str, Any]:
        report = self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]
        if report is None:
            raise StartupError("no daemon; start it with `security-hooks start`")
        return report

    def tell(self, report: dict[str, Any], number: signal.Signals) -> None:
        self.told.append(number)


def run(daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(restart, "ask_status", daemon.ask)
    monkeypatch.setattr(restart, "tell", daemon.tell)
    monkeypatch.setattr(restart, "WAIT_SECONDS", 0.1)
    return main(["restart", "--socket", "/run/s"])


def test_it_is_done_when_another_one_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = FakeDaemon(BEFORE, BEFORE, AFTER)
    assert run(daemon, monkeypatch) == 0
    assert daemon.told == [signal.SIGUSR2]
    assert capsys.readouterr().out == "security-hooks: restarted, version 2, pid 7, socket /run/s\n"


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ((None,), "security-hooks start"),
        ((BEFORE,), "has not restarted"),
        ((BEFORE, None), "security-hooks start"),
    ],
    ids=["no daemon", "one that goes on", "one that does not come back"],
)
def test_what_goes_wrong_ends_in_69(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reports: Any, said: str
) -> None:
    assert run(FakeDaemon(*reports), monkeypatch) == 69
    assert said in capsys.readouterr().err
