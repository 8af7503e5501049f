"""A bare Debian, made once and kept, entered with file systems of its own so that nothing in it ever changes."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# The smallest system that Debian makes; of its packages none needs Python.
SUITE, VARIANT = "stable", "minbase"
TOOLS = (("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("dpkg-deb", "dpkg"))
# What the system is and what is written in it are two: the first is never touched.
ENTER = """
set -eu
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mkdir "$2/root/given"
mount --bind "$3" "$2/root/given"
PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec env -i "PATH=$PATH" HOME=/root LC_ALL=C.UTF-8 chroot "$2/root" /bin/sh -eu "/given/$4"
"""


@dataclass(frozen=True, slots=True)
class BareRoot:
    """Runs a script as root of the bare system; what is `given` is in its directory of that name."""

    system: Path
    scratch: Path
    given: Path

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        (self.given / "script").write_text(script)
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"]
        places = [str(self.system), str(self.scratch), str(self.given), "script"]
        return subprocess.run([*words, *places], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The directory with what was just made."""
    made = os.environ.get("SECURITY_HOOKS_PACKAGES")
    if made is None:
        pytest.skip("packages are made and tried by `make packages`")
    return Path(made)


@pytest.fixture(scope="session")
def system(packages: Path) -> Path:
    """The bare system; made where it is not there yet."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a bare system is made and entered by root, on Linux")
    for tool, package in TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed; on Debian: apt-get install {package}")
    cache = Path(os.environ["SECURITY_HOOKS_CACHE"])
    root = cache / f"{SUITE}-{VARIANT}"
    if not root.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        begun = cache / f"{root.name}.{os.getpid()}"
        subprocess.run(
            ["debootstrap", f"--variant={VARIANT}", SUITE, begun], stdout=subprocess.DEVNULL, check=True, timeout=500
        )
        begun.rename(root)
    return root


@pytest.fixture
def bare(system: Path, tmp_path: Path) -> BareRoot:
    scratch, given = tmp_path / "scratch", tmp_path / "given"
    scratch.mkdir()
    given.mkdir()
    return BareRoot(system, scratch, given)
