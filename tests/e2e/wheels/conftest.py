"""The source archive and the wheels of this tree, made once, and a way to make them again."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks import __version__

ROOT = Path(__file__).parents[3]
SHIM = f"security_hooks-{__version__}.data/scripts/security-hooks-shim"


@pytest.fixture(scope="session")
def build() -> Callable[..., Path]:
    """Make everything in a directory, with variables added to the environment: `build(out, NAME="value")`."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed: `make wheels` installs it")

    def build_into(out: Path, **variables: str) -> Path:
        command = [sys.executable, str(ROOT / "packaging/wheels.py"), "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **variables})
        return out

    return build_into


@pytest.fixture(scope="session")
def dist(build: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the source archive and the wheels."""
    return build(tmp_path_factory.mktemp("wheels") / "dist", SOURCE_DATE_EPOCH="1700000000")


@pytest.fixture(scope="session")
def file_of(dist: Path) -> Callable[[str], Path]:
    """The one file with this in its name."""

    def find(part: str) -> Path:
        (found,) = (file for file in dist.iterdir() if part in file.name)
        return found

    return find


@pytest.fixture(scope="session")
def shim_of(file_of: Callable[[str], Path]) -> Callable[[str], bytes]:
    """The shim in the wheel with this in its name."""

    def read(part: str) -> bytes:
        with zipfile.ZipFile(file_of(part)) as wheel:
            return wheel.read(SHIM)

    return read
