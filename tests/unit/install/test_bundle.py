import sys
from pathlib import Path

import pytest

from security_hooks.install.bundle import bundle_directory, reinstall


def test_an_installation_by_pip_is_mended_by_pip() -> None:
    assert bundle_directory() is None
    assert reinstall() == "pip install --force-reinstall security-hooks"


def test_a_bundle_knows_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/srv/tools/guard/security-hooks")
    assert bundle_directory() == Path("/srv/tools/guard")
    assert reinstall() == "unpack the tarball over /srv/tools/guard again, or reinstall the package"
