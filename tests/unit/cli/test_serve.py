import asyncio
import os
import sys
from pathlib import Path

import pytest

from security_hooks.cli import serve
from security_hooks.cli.main import main
from security_hooks.service.daemon import ServeSettings


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ServeSettings, str]]:
    """What the daemon would have been started with, and on which loop."""
    seen: list[tuple[ServeSettings, str]] = []

    async def noting(settings: ServeSettings) -> None:
        seen.append((settings, type(asyncio.get_running_loop()).__module__.partition(".")[0]))

    monkeypatch.setattr(serve, "serve", noting)
    return seen


def test_the_options_say_where_everything_is(
    served: list[tuple[ServeSettings, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "--socket", "s", "--state-dir", "state", "--config-dir", "config", "--rules", "rules"]) == 0
    ((settings, loop),) = served
    assert (settings.socket, settings.state) == (tmp_path / "s", tmp_path / "state")
    assert (settings.policy.config, settings.policy.rules) == (str(tmp_path / "config"), str(tmp_path / "rules"))
    assert settings.policy.state == str(tmp_path / "state")
    assert settings.home.startswith("/")
    assert loop == "uvloop"


def test_without_uvloop_asyncio_serves(
    served: list[tuple[ServeSettings, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert main(["serve", "--socket", "/nowhere/s"]) == 0
    assert served[0][1] == "asyncio"


def test_a_user_without_a_home_must_give_a_socket(
    served: list[tuple[ServeSettings, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("security_hooks.service.inquiry.default_socket", lambda _: None)
    assert main(["serve"]) == 64
    assert served == []
    assert "--socket" in capsys.readouterr().err


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chown(tmp_path, 65534, 65534)
    assert main(["serve", "--socket", str(tmp_path / "s"), "--state-dir", str(tmp_path / "state")]) == 69
    assert "belongs to another user" in capsys.readouterr().err
