"""What `make wheels` makes: the same bytes each time, all that is needed and no more, and what pip takes for whom."""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

import pytest

from security_hooks import __version__

ROOT = Path(__file__).parents[3]
SHIM = f"security_hooks-{__version__}.data/scripts/security-hooks-shim"

pytestmark = pytest.mark.slow


def digests(directory: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.iterdir()}


def test_two_builds_give_the_same_bytes(build: Callable[..., Path], dist: Path, tmp_path: Path) -> None:
    # Another temporary directory, other compiler settings, another order of sets, another umask.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = os.umask(0o077)
    try:
        build(
            tmp_path / "again",
            SOURCE_DATE_EPOCH="1700000000",
            TMPDIR=str(elsewhere),
            CFLAGS="-O0",
            PYTHONHASHSEED="7",
        )
    finally:
        os.umask(before)
    assert digests(tmp_path / "again") == digests(dist)
    assert list(elsewhere.iterdir()) == []


def test_there_is_an_archive_and_a_wheel_for_each_platform(dist: Path) -> None:
    stem = f"security_hooks-{__version__}"
    linux = "manylinux2014_{0}.manylinux_2_17_{0}.musllinux_1_1_{0}"
    platforms = [linux.format("x86_64"), linux.format("aarch64"), "macosx_11_0_arm64", "macosx_11_0_x86_64"]
    wanted = {f"{stem}.tar.gz", *(f"{stem}-py3-none-{each}.whl" for each in platforms)}
    assert {file.name for file in dist.iterdir()} == wanted
    for each in platforms:
        with zipfile.ZipFile(dist / f"{stem}-py3-none-{each}.whl") as wheel:
            told = Parser().parsestr(wheel.read(f"{stem}.dist-info/WHEEL").decode())
            assert told.get_all("Tag") == [f"py3-none-{tag}" for tag in each.split(".")]
            assert told["Root-Is-Purelib"] == "false"
            assert Parser().parsestr(wheel.read(f"{stem}.dist-info/METADATA").decode())["Requires-Python"] == ">=3.11"


def test_wheels_differ_in_the_shim_alone(dist: Path) -> None:
    contents = []
    for file in dist.glob("*.whl"):
        with zipfile.ZipFile(file) as wheel:
            assert wheel.getinfo(SHIM).external_attr >> 16 == 0o100755
            contents.append({name: wheel.read(name) for name in wheel.namelist()})
    own = {SHIM, *(f"security_hooks-{__version__}.dist-info/{name}" for name in ("WHEEL", "RECORD"))}
    assert len({content[SHIM] for content in contents}) == 4
    shared = [{name: data for name, data in content.items() if name not in own} for content in contents]
    assert all(each == shared[0] for each in shared)


def test_a_wheel_holds_the_package_the_policy_and_nothing_else(file_of: Callable[[str], Path]) -> None:
    package = ROOT / "daemon"
    code = {str(f.relative_to(package)) for f in package.rglob("*") if f.is_file() and "__pycache__" not in f.parts}
    rules = {f"security_hooks/shipped/rules/{file.name}" for file in (ROOT / "rules").glob("*.rules")}
    made = {f"security_hooks/shipped/{name}" for name in ("config.toml", "policy.bin", "catalogue.bin")}
    with zipfile.ZipFile(file_of("x86_64.musllinux")) as wheel:
        names = {name for name in wheel.namelist() if f"-{__version__}." not in name}
        rest = {name.partition("/")[2] for name in wheel.namelist() if f"-{__version__}." in name}
    assert names == code | rules | made
    assert {"scripts/security-hooks-shim", "data/share/man/man1/security-hooks-shim.1", "entry_points.txt"} <= rest
    assert {name.split("/")[0] for name in rest} <= {
        *("scripts", "data", "licenses", "entry_points.txt", "METADATA", "WHEEL", "RECORD")
    }


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("manylinux2014_x86_64", "musllinux_1_1_x86_64"),
        ("manylinux_2_17_x86_64", "musllinux_1_1_x86_64"),
        ("musllinux_1_1_x86_64", "musllinux_1_1_x86_64"),
        ("manylinux2014_aarch64", "musllinux_1_1_aarch64"),
        ("musllinux_1_1_aarch64", "musllinux_1_1_aarch64"),
        ("macosx_14_0_arm64", "macosx_11_0_arm64"),
        ("macosx_12_0_x86_64", "macosx_11_0_x86_64"),
        ("macosx_10_15_x86_64", ""),
        ("win_amd64", ""),
        ("manylinux_2_17_armv7l", ""),
    ],
)
def test_pip_takes_the_wheel_of_the_platform(dist: Path, tmp_path: Path, asked: str, given: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-index", "--no-deps", "--only-binary=:all:"),
            *("--find-links", dist, "--platform", asked, "--dest", tmp_path, "security-hooks"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == bool(given), done.stderr
    assert [file.name.endswith(f"{given}.whl") for file in tmp_path.iterdir()] == [True] * bool(given)


def test_the_archive_holds_what_is_tracked_and_no_more(file_of: Callable[[str], Path]) -> None:
    with tarfile.open(file_of(".tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    present = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert present <= names
    folders = {"daemon", "tests", "docs", "packaging", "rules", ".ci"}
    assert {name for name in names - present if name.split("/")[0] not in folders} == {"PKG-INFO"}
