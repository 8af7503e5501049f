"""The texts of the units: what packaging/ holds, what they must never say, and what systemd makes of them."""

import os
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service.units import Installation, launch_agent, service_unit, socket_unit

PACKAGING = Path(__file__).parents[3] / "packaging"
PACKAGED = Installation(Path("/usr/bin/security-hooks"))
ANALYZE = shutil.which("systemd-analyze")
PLIST_TOOLS = [tool for tool in ("plutil", "plistutil") if shutil.which(tool)]
# Each gives the daemon a mount namespace of its own: another view of the files than the agents have.
HIDING = (
    *("PrivateTmp", "PrivateMounts", "PrivateDevices", "PrivateUsers", "ProtectHome", "ProtectSystem", "ProtectProc"),
    *("ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectClock"),
    *("RootDirectory", "RootImage", "ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths", "TemporaryFileSystem"),
    *("BindPaths", "BindReadOnlyPaths", "MountFlags", "DynamicUser", "RuntimeDirectory", "StateDirectory"),
)


def settings(unit: str) -> list[tuple[str, str]]:
    lines = [line for line in unit.splitlines() if "=" in line and not line.startswith("#")]
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("systemd/security-hooks.socket", socket_unit(PACKAGED).encode()),
        ("systemd/security-hooks.service", service_unit(PACKAGED).encode()),
        (
            "launchd/security-hooks.plist",
            launch_agent(
                PACKAGED,
                Path("/Users/USER/Library/Caches/security-hooks/hook.sock"),
                Path("/Users/USER/Library/Logs/security-hooks.log"),
            ),
        ),
    ],
)
def test_the_packaged_files_are_what_would_be_installed(path: str, text: bytes) -> None:
    assert (PACKAGING / path).read_bytes() == text


def test_the_socket_is_for_its_user_alone_and_where_the_shim_looks() -> None:
    told = dict(settings(socket_unit(PACKAGED)))
    assert told["ListenStream"] == "/run/user/%U/security-hooks/hook.sock"
    assert (told["SocketMode"], told["DirectoryMode"], told["Accept"]) == ("0600", "0700", "no")
    assert int(told["Backlog"]) >= 1024


def test_the_daemon_is_watched_restarted_and_confined() -> None:
    told = settings(service_unit(PACKAGED))
    for wanted in (
        *(("Type", "notify"), ("Restart", "always"), ("WatchdogSec", "10"), ("StartLimitIntervalSec", "0")),
        *(("NoNewPrivileges", "yes"), ("RestrictAddressFamilies", "AF_UNIX"), ("MemoryDenyWriteExecute", "yes")),
        *(("SystemCallFilter", "@system-service"), ("LockPersonality", "yes"), ("LimitCORE", "0"), ("UMask", "0077")),
    ):
        assert wanted in told


@pytest.mark.parametrize("name", HIDING)
def test_no_unit_hides_files_from_the_daemon(name: str) -> None:
    assert name not in dict(settings(service_unit(PACKAGED)) + settings(socket_unit(PACKAGED)))


@pytest.mark.parametrize("word", ["/a b/c", "/a\\b", '/a"b', "/a%h", "/a$HOME", "/a;b", "/a'b"])
def test_any_path_reaches_the_program_as_it_is(word: str) -> None:
    line = dict(settings(service_unit(Installation(Path("/p"), ("--state-dir", word)))))["ExecStart"]
    # The quoting of systemd.syntax(7) is that of a shell but for `%%` and `$$`.
    assert shlex.split(line.replace("%%", "%").replace("$$", "$")) == ["/p", "serve", "--state-dir", word]


def test_a_path_that_would_end_a_line_is_refused() -> None:
    hostile = Path("/a\nExecStartPre=/bin/evil")
    for make in (
        lambda: service_unit(Installation(hostile)),
        lambda: socket_unit(Installation(Path("/p"), (), hostile)),
        lambda: launch_agent(PACKAGED, hostile, Path("/l")),
    ):
        with pytest.raises(StartupError, match="no service can be told") as raised:
            make()
        assert raised.value.exit_status == 64


def test_a_socket_of_ones_own_is_listened_on() -> None:
    assert "ListenStream=/a%%b\n" in socket_unit(Installation(Path("/p"), (), Path("/a%b")))


def test_launchd_is_told_all_that_it_needs() -> None:
    told = plistlib.loads(launch_agent(PACKAGED, Path("/Users/u/s"), Path("/Users/u/l")))
    assert told["ProgramArguments"] == ["/usr/bin/security-hooks", "serve"]
    assert told["Sockets"] == {"hook": {"SockPathName": "/Users/u/s", "SockPathMode": 0o600, "SockType": "stream"}}
    assert (told["Label"], told["KeepAlive"], told["RunAtLoad"]) == ("security-hooks", True, True)


@pytest.mark.skipif(not PLIST_TOOLS, reason="neither plutil nor plistutil (Debian: libplist-utils) is installed")
def test_other_readers_of_property_lists_agree(tmp_path: Path) -> None:
    path, out = PACKAGING / "launchd/security-hooks.plist", tmp_path / "binary"
    words: dict[str, list[str | Path]] = {
        "plutil": ["plutil", "-convert", "binary1", "-o", out, path],
        "plistutil": ["plistutil", "-i", path, "-o", out, "-f", "bin"],
    }
    subprocess.run(words[PLIST_TOOLS[0]], capture_output=True, timeout=60, check=True)
    assert out.read_bytes().startswith(b"bplist")
    assert plistlib.loads(out.read_bytes()) == plistlib.loads(path.read_bytes())


@pytest.fixture
def analyze(tmp_path: Path) -> tuple[list[str], Path, dict[str, str]]:
    """systemd-analyze, our units as it would find them, and the environment that it wants."""
    if ANALYZE is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "security-hooks"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = tmp_path / "units"
    units.mkdir()
    (units / "security-hooks.socket").write_text(socket_unit(Installation(program)))
    (units / "security-hooks.service").write_text(service_unit(Installation(program)))
    return [ANALYZE], units, {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_PAGER": ""}


def test_systemd_finds_no_fault_with_the_units(analyze: tuple[list[str], Path, dict[str, str]]) -> None:
    program, units, environment = analyze
    words = [*program, "verify", "--user", "--man=no", *(str(unit) for unit in sorted(units.iterdir()))]
    run = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_systemd_sees_the_confinement(analyze: tuple[list[str], Path, dict[str, str]]) -> None:
    program, units, environment = analyze
    words = [*program, "security", "--user", "--offline=true", "--no-pager", str(units / "security-hooks.service")]
    run = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=False)
    if "offline" in run.stderr:
        pytest.skip("this systemd-analyze looks at running units alone")
    kept = {line.split()[1] for line in run.stdout.splitlines() if line.startswith("✓")}
    assert {
        *("NoNewPrivileges=", "MemoryDenyWriteExecute=", "LockPersonality=", "SystemCallArchitectures="),
        *("SystemCallFilter=~@mount", "SystemCallFilter=~@debug", "SystemCallFilter=~@privileged"),
        *("RestrictAddressFamilies=~AF_(INET|INET6)", "RestrictNamespaces=~mnt", "RestrictSUIDSGID=", "UMask="),
    } <= kept
