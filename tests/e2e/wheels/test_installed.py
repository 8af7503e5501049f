"""Installed from a wheel or the source archive, and the arm64 shim under an emulator: a guard that fails closed."""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

from security_hooks import __version__

RECORDED = Path(__file__).parents[2] / "protocol/claude-code/PreToolUse.Bash.in.json"
QEMU = shutil.which("qemu-aarch64-static")
ALLOWED, DENIED = "git status", "rm -rf ~"
# How the answer on stdout begins without a daemon.
CLIENTS = {"claude-code": '{"decision":"block"', "gemini-cli": '{"decision":"deny"', "codex-cli": ""}
NO_NETWORK = ("Retrying", "NewConnectionError", "Temporary failure in name resolution", "Network is unreachable")

pytestmark = pytest.mark.slow

FileOf = Callable[[str], Path]


def make_venv(place: Path) -> Path:
    """A virtual environment with pip and nothing else; returns its programs' directory."""
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    return place / "bin"


def install_from_network(programs: Path, what: list[str], **variables: str) -> None:
    done = subprocess.run(
        [programs / "pip", "install", "--quiet", "--retries", "1", *what],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        check=False,
    )
    if done.returncode and any(word in done.stderr for word in NO_NETWORK):
        pytest.skip("pip reaches no index, and the dependencies are not ours to bring")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def installed(dist: Path, file_of: FileOf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new virtual environment into which pip has put the wheel that suits this machine."""
    programs = make_venv(tmp_path_factory.mktemp("installed") / "venv")
    with zipfile.ZipFile(file_of("x86_64.musllinux")) as wheel:
        metadata = Parser().parsestr(wheel.read(f"security_hooks-{__version__}.dist-info/METADATA").decode())
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    install_from_network(programs, needed)
    local = ("--no-index", "--only-binary=:all:", "--find-links", str(dist))
    subprocess.run([programs / "pip", "install", "--quiet", *local, f"security-hooks=={__version__}"], check=True)
    return programs


@pytest.fixture(scope="session")
def built_here(file_of: FileOf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of another one, for which pip has built the source archive with the system's compiler."""
    programs = make_venv(tmp_path_factory.mktemp("built") / "venv")
    install_from_network(programs, [str(file_of(".tar.gz"))], CC="cc")
    return programs


@pytest.fixture(params=["installed", "built_here"], ids=["wheel", "source archive"])
def programs(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def run(command: list[str | Path], home: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    variables = {"PATH": os.defpath, "HOME": str(home)}
    return subprocess.run(command, input=stdin, capture_output=True, env=variables, cwd=home, timeout=60, check=False)


def test_the_installed_program_judges(programs: Path, tmp_path: Path) -> None:
    ours: list[str | Path] = [programs / "security-hooks"]
    private: list[str | Path] = ["--config-dir", tmp_path / "config", "--state-dir", tmp_path / "state"]
    allowed = run([*ours, "check", ALLOWED, *private], tmp_path)
    denied = run([*ours, "check", DENIED, *private], tmp_path)
    assert (allowed.returncode, denied.returncode) == (0, 2), (allowed, denied)
    assert denied.stdout.startswith(b"deny critical-deletion")


def test_the_installed_program_reads_the_policy_that_was_compiled_for_it(programs: Path, tmp_path: Path) -> None:
    code = (
        "from security_hooks.catalogue.load import shipped\n"
        "from security_hooks.catalogue.commands import Commands\n"
        "from security_hooks.service.directories import shipped_dir\n"
        "from security_hooks.service.last_good import load_precompiled\n"
        "print(shipped_dir(), load_precompiled(str(shipped_dir())) is not None, type(shipped().commands) is Commands)"
    )
    told = run([programs / "python", "-c", code], tmp_path).stdout.decode().split()
    assert told[0].startswith(str(programs.parent)) and told[1:] == ["True", "True"]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_installed_shim_denies_without_a_daemon(programs: Path, tmp_path: Path, client: str) -> None:
    shim: list[str | Path] = [programs / "security-hooks-shim", client, "--socket", tmp_path / "none.sock"]
    assert_denied_for_want_of_a_daemon(run(shim, tmp_path, RECORDED.read_bytes()), client)


def test_the_installed_daemon_answers_the_installed_shim(programs: Path, unstarted: Any) -> None:
    unstarted.bin = programs
    unstarted.start()
    assert unstarted.call(ALLOWED).verdict == "allow"
    assert unstarted.call(DENIED).verdict == "deny"
    assert unstarted.run("--version").stdout.split()[-1] == __version__
    assert unstarted.stop() == 0
    assert unstarted.verify().returncode == 0


@pytest.fixture
def emulated(shim_of: Callable[[str], bytes], tmp_path: Path) -> list[str | Path]:
    """The shim of the wheel for Linux on arm64, as a command that this machine can run."""
    shim = tmp_path / "security-hooks-shim"
    shim.write_bytes(shim_of("musllinux_1_1_aarch64"))
    shim.chmod(0o755)
    if platform.machine() == "aarch64":
        return [shim]
    if QEMU is None:
        pytest.skip("qemu-aarch64-static is not installed (Debian: apt-get install qemu-user-static)")
    return [QEMU, shim]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_arm64_shim_denies_without_a_daemon(emulated: list[str | Path], tmp_path: Path, client: str) -> None:
    done = run([*emulated, client, "--socket", tmp_path / "none.sock"], tmp_path, RECORDED.read_bytes())
    assert_denied_for_want_of_a_daemon(done, client)


def test_the_arm64_shim_carries_a_recorded_call_to_the_daemon(
    emulated: list[str | Path], tmp_path: Path, daemon: Any
) -> None:
    recorded = json.loads(RECORDED.read_bytes())
    command: list[str | Path] = [*emulated, "claude-code", "--socket", daemon.socket]
    allowed = run(command, tmp_path, json.dumps(recorded).encode())
    recorded["tool_input"]["command"] = DENIED
    denied = run(command, tmp_path, json.dumps(recorded).encode())
    assert (allowed.returncode, denied.returncode) == (0, 2), (allowed, denied)
    assert json.loads(denied.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"
    verdicts = [record["verdict"] for record in daemon.records() if "verdict" in record]
    assert verdicts[-2:] == ["allow", "deny"]


def assert_denied_for_want_of_a_daemon(done: subprocess.CompletedProcess[bytes], client: str) -> None:
    assert done.returncode == 2
    assert b"the daemon does not answer, so this call is blocked" in done.stderr
    assert done.stdout.decode().startswith(CLIENTS[client])
    assert bool(done.stdout) == bool(CLIENTS[client])
