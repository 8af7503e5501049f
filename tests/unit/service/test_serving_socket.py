from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service import serving_socket as module
from security_hooks.service.serving_socket import serving_socket


def test_without_another_it_is_bound(tmp_path: Path) -> None:
    listener = serving_socket(tmp_path / "run/hook.sock")
    assert listener.path.is_socket()
    listener.close()
    listener.release()
    assert not listener.path.exists()


def test_more_sockets_than_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "inherited_sockets", lambda *_: [object(), object()])
    with pytest.raises(StartupError, match="more than one socket"):
        serving_socket(tmp_path / "run/hook.sock")
