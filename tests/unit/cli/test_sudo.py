import os
from pathlib import Path

import pytest

from security_hooks.cli.sudo import invoker, socket_of_invoker
from security_hooks.service.directories import default_socket


@pytest.mark.parametrize(
    ("uid", "told", "user"),
    [(0, "1000", 1000), (0, None, None), (0, "0", None), (0, "x", None), (0, "-1", None), (1000, "1001", None)],
)
def test_who_runs_it_by_sudo(monkeypatch: pytest.MonkeyPatch, uid: int, told: str | None, user: int | None) -> None:
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.delenv("SUDO_UID", raising=False)
    if told is not None:
        monkeypatch.setenv("SUDO_UID", told)
    assert invoker() == user


def test_the_socket_is_that_of_who_runs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setenv("SUDO_UID", "65534")
    assert socket_of_invoker(tmp_path / "s") == tmp_path / "s"
    assert socket_of_invoker(None) == default_socket(65534)
    monkeypatch.delenv("SUDO_UID")
    assert socket_of_invoker(None) == default_socket(0)
