import sys
from pathlib import Path

import pytest

from security_hooks.service.load import policy_directories


def test_a_bundle_is_guarded_wherever_it_was_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, state = tmp_path / "config", tmp_path / "state"
    before = policy_directories(config, None, state).guarded
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "tools/guard/security-hooks"))
    assert set(policy_directories(config, None, state).guarded) - set(before) == {f"{tmp_path}/tools/guard/**"}
