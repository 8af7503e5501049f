import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import statusline
from security_hooks.cli.main import main
from security_hooks.model.failure import StartupError

REPORT: dict[str, Any] = {
    "well": True,
    "policy": {"mode": "enforce", "digest": "d"},
    "calls": {"calls": 12, "verdicts": {"allow": 9, "ask": 1, "deny": 2}},
}
# What loads slowly, and what judging takes.
HEAVY = ("asyncio", "uvloop", "tree_sitter", "lark", "rich", "re2", "tomlkit", "importlib.resources", "subprocess")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Any], str]:
    """The line for what the daemon says, or fails with."""

    def say(report: Any) -> str:
        def ask(path: Path, seconds: float) -> Any:
            if isinstance(report, Exception):
                raise report
            return report

        monkeypatch.setattr(statusline, "ask_status", ask)
        assert main(["statusline", "--socket", "/nowhere/s"]) == 0
        return capsys.readouterr().out.removesuffix("\n")

    return say


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (REPORT, "guard on: 12 calls, 2 denied, 1 asked"),
        (REPORT | {"calls": {"calls": 3, "verdicts": {"allow": 3, "ask": 0, "deny": 0}}}, "guard on: 3 calls"),
        (
            REPORT | {"policy": {"mode": "observe", "digest": "d"}},
            "guard observes only: 12 calls, 2 denied, 1 asked",
        ),
        (
            REPORT
            | {
                "policy": {"mode": "observe", "digest": "d"},
                "calls": {"calls": 9, "verdicts": {"allow": 9, "ask": 0, "deny": 0}, "would": {"ask": 2, "deny": 1}},
            },
            "guard observes only: 9 calls, 1 would have been denied, 2 would have been asked about",
        ),
        (REPORT | {"well": False}, "guard on: 12 calls, 2 denied, 1 asked; see security-hooks status"),
        (
            REPORT | {"well": False, "policy": {"mode": None, "digest": ""}},
            "guard blocks all, no policy: 12 calls, 2 denied, 1 asked; see security-hooks status",
        ),
        (StartupError("no daemon"), "guard OFF, calls are blocked: security-hooks start"),
        ({"well": True}, "guard of another version: security-hooks restart"),
        ({"well": True, "policy": 7, "calls": 8}, "guard of another version: security-hooks restart"),
        (REPORT | {"calls": {"calls": 1, "verdicts": None}}, "guard of another version: security-hooks restart"),
    ],
)
def test_one_line_says_how_the_guard_is(said: Callable[[Any], str], report: Any, line: str) -> None:
    assert said(report) == line


def test_a_client_that_writes_without_end_or_nothing_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statusline, "INPUT_SECONDS", 0.01)
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w"):
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["statusline", "--socket", "/nowhere/s"]) == 0


@pytest.mark.parametrize("stdin", [None, io.StringIO("{}")], ids=["none", "no file"])
def test_without_stdin_there_is_a_line_too(monkeypatch: pytest.MonkeyPatch, stdin: object) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["statusline", "--socket", "/nowhere/s"]) == 0


def test_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys; from security_hooks.cli.main import main; main(['statusline', '--socket', '/nowhere/s']);"
        "print(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(run.stdout.splitlines()[1].split())
    assert "security_hooks.service.inquiry" in loaded
    assert loaded.isdisjoint(HEAVY)
