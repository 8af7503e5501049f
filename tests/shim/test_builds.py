"""Each static build is really static, and nothing in the environment reaches it."""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
SHIM = Path(__file__).parents[2] / "shim"

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has static programs")


@pytest.fixture
def static_only(shim: str, kind: str) -> str:
    if kind == "sanitized":
        pytest.skip("the sanitizers need a loader")
    return shim


@pytest.fixture(scope="session")
def hijack(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library that makes every program that loads it end with 0 before it begins."""
    directory = tmp_path_factory.mktemp("hijack")
    source = directory / "hijack.c"
    source.write_text(
        "#include <unistd.h>\n"
        "__attribute__((constructor)) static void begin(void) { _exit(0); }\n"
        "unsigned la_version(unsigned version) { _exit(0); return version; }\n"
    )
    library = directory / "hijack.so"
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    (directory / "libc.so.6").write_bytes(library.read_bytes())
    return str(library)


def _environments(hijack: str) -> list[dict[str, str]]:
    directory = str(Path(hijack).parent)
    everything = {"LD_PRELOAD": hijack, "LD_AUDIT": hijack, "LD_LIBRARY_PATH": directory}
    return [
        {"LD_PRELOAD": hijack},
        {"LD_AUDIT": hijack},
        {**everything, "LOCPATH": directory, "GCONV_PATH": directory, "NLSPATH": directory, "HOSTALIASES": hijack},
        {**everything, "LANG": "xx_XX", "MALLOC_CHECK_": "3", "GLIBC_TUNABLES": "glibc.malloc.check=3", "TZ": hijack},
    ]


def test_the_hijacking_library_works(run: Run, hijack: str) -> None:
    for variables in _environments(hijack):
        assert run("/bin/false", env=variables).returncode != 1
    assert run("/bin/false", env={"LD_PRELOAD": hijack}).returncode == 0


def test_hostile_loader_variables_do_not_reach_the_shim(
    static_only: str, run: Run, place: Path, answering: Callable[[bytes], str], hijack: str
) -> None:
    denying = answering(b'SH1 2 0007 0006\n{"a":1}denied')
    for variables in _environments(hijack):
        none = run(static_only, "claude-code", "--socket", f"{place}/none.sock", env=variables)
        assert none.returncode == 2 and none.stderr.startswith(b"security-hooks: the daemon does not answer")
        deny = run(static_only, "claude-code", "--socket", denying, env=variables)
        assert (deny.returncode, deny.stdout, deny.stderr) == (2, b'{"a":1}\n', b"denied\n")


def test_a_huge_environment_is_no_failure(static_only: str, run: Run, answering: Callable[[bytes], str]) -> None:
    variables = {f"V{number}": "x" * 10_000 for number in range(100)}
    done = run(static_only, "claude-code", "--socket", answering(b"SH1 0 0002 0000\n{}"), env=variables)
    assert (done.returncode, done.stdout) == (0, b"{}\n")


def test_dynamic_build_is_refused(tmp_path: Path) -> None:
    command = ["make", "-s", "-C", str(SHIM), f"OUT={tmp_path}", "LIBC=dynamic"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "the shim must be static on Linux" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags", ["-O0 -g", "-O3 -flto", "-Os -fstack-protector-all -fPIE -D_FORTIFY_SOURCE=2"])
def test_flags_of_the_environment_do_not_break_the_build(tmp_path: Path, run: Run, flags: str) -> None:
    environment = {**os.environ, "CFLAGS": flags}
    subprocess.run(["make", "-s", "-C", str(SHIM), f"OUT={tmp_path}"], env=environment, check=True)
    done = run(f"{tmp_path}/security-hooks-shim", "codex-cli", "--socket", "/none")
    assert done.returncode == 2 and b"does not answer" in done.stderr


@pytest.mark.skipif(not shutil.which("clang"), reason="needs clang")
def test_clang_compiles_it_without_a_warning(tmp_path: Path, run: Run) -> None:
    subprocess.run(["make", "-s", "-C", str(SHIM), f"OUT={tmp_path}", "CC=clang"], check=True)
    assert run(f"{tmp_path}/security-hooks-shim", "codex-cli", "--socket", "/none").returncode == 2


@pytest.mark.skipif(
    not (shutil.which("aarch64-linux-gnu-gcc") and shutil.which("qemu-aarch64-static")),
    reason="needs a cross compiler and an emulator for aarch64",
)
def test_freestanding_build_for_aarch64_works(tmp_path: Path, run: Run, answering: Callable[[bytes], str]) -> None:
    subprocess.run(["make", "-s", "-C", str(SHIM), f"OUT={tmp_path}", "CC=aarch64-linux-gnu-gcc"], check=True)
    emulated = ("qemu-aarch64-static", f"{tmp_path}/security-hooks-shim")
    done = run(*emulated, "codex-cli", "--socket", answering(b"SH1 0 0002 0004\n{}text"), stdin=b"x" * 100_000)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"text\n")
    done = run(*emulated, "gemini-cli")
    assert done.returncode == 2 and done.stdout.startswith(b'{"decision":"deny"')
