"""The wheel's build hook: what it ships, and how it refuses."""

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[3]


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + machine.to_bytes(2, "little")


def mach_o(machine: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + machine.to_bytes(4, "little")


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "packaging/build_hook.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shim_is_compiled_outside_the_source_tree(hook: ModuleType, tmp_path: Path) -> None:
    before = sorted((ROOT / "shim").iterdir())
    program = hook.compile_shim(ROOT / "shim", tmp_path)
    assert program == tmp_path / "security-hooks-shim"
    assert program.stat().st_mode & 0o111
    assert sorted((ROOT / "shim").iterdir()) == before


def test_a_dynamic_program_is_told_from_a_static_one(hook: ModuleType, tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("ELF is Linux's")
    true = shutil.which("true")
    assert true and hook.is_dynamic(Path(true).read_bytes())
    assert not hook.is_dynamic(hook.compile_shim(ROOT / "shim", tmp_path).read_bytes())


def test_missing_compiler_is_one_sentence(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -m64")
    with pytest.raises(SystemExit) as refused:
        hook.compile_shim(ROOT / "shim", tmp_path)
    assert "the C compiler `no-such-compiler -m64` is not installed" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_make_is_one_sentence(hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="`make` is not installed"):
        hook.compile_shim(ROOT / "shim", tmp_path)


def test_source_that_does_not_compile_shows_the_compilers_words(hook: ModuleType, tmp_path: Path) -> None:
    broken = tmp_path / "shim"
    shutil.copytree(ROOT / "shim", broken)
    (broken / "clients.c").write_text("nonsense")
    with pytest.raises(SystemExit, match=r"does not compile with `\w+`:\n(.|\n)*nonsense"):
        hook.compile_shim(broken, tmp_path)


@pytest.mark.parametrize("missing", ["config.toml", "rules"])
def test_half_a_checkout_is_refused(hook: ModuleType, tmp_path: Path, missing: str) -> None:
    (tmp_path / "config.toml").touch()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/seed.rules").touch()
    assert set(hook.shipped_files(tmp_path).values()) == {
        "security_hooks/shipped/config.toml",
        "security_hooks/shipped/rules",
    }
    gone = tmp_path / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(SystemExit, match=f"{missing}.* not found"):
        hook.shipped_files(tmp_path)


def test_tag_is_for_this_platform_and_any_python_3(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hook.PLATFORM, raising=False)
    assert hook.wheel_tag(b"").startswith("py3-none-")
    assert "-" not in hook.wheel_tag(b"").removeprefix("py3-none-")


@pytest.mark.parametrize(
    ("program", "fitting", "others"),
    [
        (elf(62), "manylinux2014_x86_64.musllinux_1_1_x86_64", ("linux_aarch64", "macosx_11_0_x86_64", "linux_x86")),
        (elf(183), "manylinux_2_17_aarch64", ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "musllinux_1_1_arm64")),
        (elf(40), "", ("linux_armv7l", "linux_None", "linux_x86_64")),
        (mach_o(0x0100_0007), "macosx_11_0_x86_64", ("macosx_11_0_arm64", "manylinux2014_x86_64")),
        (mach_o(0x0100_000C), "macosx_11_0_arm64", ("macosx_11_0_x86_64", "manylinux2014_aarch64", "macosx_11_0_arm")),
        (b"MZ no such thing", "", ("win_amd64",)),
    ],
    ids=["linux x86-64", "linux arm64", "linux arm", "macOS x86-64", "macOS arm64", "another"],
)
def test_a_tag_is_given_to_no_program_of_another_platform(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, program: bytes, fitting: str, others: tuple[str, ...]
) -> None:
    if fitting:
        monkeypatch.setenv(hook.PLATFORM, fitting)
        assert hook.wheel_tag(program) == f"py3-none-{fitting}"
    for other in others:
        # One that does not fit is enough.
        monkeypatch.setenv(hook.PLATFORM, ".".join(filter(None, (fitting, other))))
        with pytest.raises(SystemExit, match="is no program for"):
            hook.wheel_tag(program)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from, with a rule file of its own."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE", "config.toml"):
        shutil.copy(ROOT / name, copy)
    for name in ("daemon", "shim", "packaging", "rules"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "rules/one.rules").write_text("# none\n")
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("build", ["build_wheel", "build_editable"])
def test_wheel_brings_the_shim_as_a_program(checkout: Path, tmp_path: Path, build: str) -> None:
    code = f"from hatchling.build import {build} as build; print(build({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        entries = {info.filename: info for info in archive.infolist()}
    (shim,) = (name for name in entries if name.endswith(".data/scripts/security-hooks-shim"))
    assert entries[shim].external_attr >> 16 & 0o111
    assert any(name.endswith("share/man/man1/security-hooks-shim.1") for name in entries)
    shipped = {name for name in entries if name.startswith("security_hooks/shipped/")}
    # An editable installation reads the policy in the tree.
    assert ("security_hooks/shipped/config.toml" in shipped) == (build == "build_wheel")
    assert ("security_hooks/shipped/rules/one.rules" in shipped) == (build == "build_wheel")


@pytest.mark.slow
def test_source_archive_builds_the_same_wheel(checkout: Path, tmp_path: Path) -> None:
    code = f"from hatchling.build import build_sdist as build; build({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        # Python 3.11 got the safe way to unpack with its fourth patch release.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        packed.extractall(tmp_path / "unpacked", **safely)  # type: ignore[arg-type]  # keyed by a literal
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    code = f"from hatchling.build import build_wheel as build; build({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=unpacked, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "security_hooks/shipped/rules/one.rules" in zipfile.ZipFile(wheel).namelist()
