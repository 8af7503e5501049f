import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks import __version__
from security_hooks.model.failure import StartupError
from security_hooks.service import examination
from security_hooks.service.examination import Examined, Places, examine
from security_hooks.service.load import policy_directories

REFUSAL = '{"decision":"deny","reason":"the payload could not be read"}'


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name in ("run", "config", "state"):
        (tmp_path / name).mkdir(mode=0o700)
    return Places(
        socket=tmp_path / "run/hook.sock",
        policy=policy_directories(tmp_path / "config", None, tmp_path / "state"),
        state=tmp_path / "state",
    )


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Install a program as the shim, beside what runs us."""

    def install(answer: str) -> None:
        program = tmp_path / "bin/security-hooks-shim"
        program.parent.mkdir(exist_ok=True)
        version = f"security-hooks-shim {__version__}"
        program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" && exit\ncat > /dev/null\n{answer}\n')
        program.chmod(0o755)

    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    return install


@pytest.fixture
def running(places: Places, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the daemon says of itself; tests change it."""
    report: dict[str, Any] = {
        "well": True,
        "version": __version__,
        "pid": 7,
        "started": "systemd",
        "policy": {"digest": ""},
        "audit": {"directory": str(places.state / "audit"), "full": False},
    }
    (places.state / "audit").mkdir()
    monkeypatch.setattr(examination, "ask_status", lambda _: report)
    return report


def found(places: Places, what: str) -> list[Examined]:
    return [item for item in examine(places) if item.what == what]


def test_all_is_well(places: Places, shim: Callable[[str], None], running: dict[str, Any]) -> None:
    shim(f"echo '{REFUSAL}'; exit 2")
    items = list(examine(places))
    assert {item.state for item in items} == {"well"}
    assert [item.what for item in items] == [
        "shim",
        "socket",
        "config",
        "state",
        "daemon",
        "service",
        "audit",
        "policy",
        *["canary"] * 3,
    ]


@pytest.mark.parametrize(
    ("started", "state", "mend"),
    [
        ("systemd", "well", ""),
        ("launchd", "well", ""),
        ("on demand", "well", ""),
        ("by hand", "warning", "security-hooks service install"),
        (None, "warning", "security-hooks service install"),
    ],
)
def test_a_daemon_that_nobody_starts_again_is_a_warning(
    places: Places, running: dict[str, Any], started: str | None, state: str, mend: str
) -> None:
    running["started"] = started
    (item,) = found(places, "service")
    assert (item.state, item.mend) == (state, mend)


def test_a_socket_that_others_may_connect_to_is_a_warning(places: Places) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(places.socket))
        for mode, states in ((0o600, ["well"]), (0o660, ["well", "warning"])):
            places.socket.chmod(mode)
            assert [item.state for item in found(places, "socket")] == states


def test_what_is_no_socket_is_bad(places: Places) -> None:
    places.socket.touch()
    assert found(places, "socket")[-1].finding.endswith("is no socket, so no daemon can serve there")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give a socket away")
def test_a_socket_of_another_user_is_bad(places: Places) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(places.socket))
        os.chown(places.socket, 65534, 65534)
        assert "whose answers the shim refuses" in found(places, "socket")[-1].finding


def test_a_missing_shim_is_bad(places: Places, shim: Callable[[str], None], running: dict[str, Any]) -> None:
    (item,) = found(places, "shim")
    assert (item.state, item.mend) == ("bad", "pip install --force-reinstall security-hooks")
    assert not found(places, "canary")


def test_a_shim_of_another_version_or_that_does_not_run(places: Places, shim: Callable[[str], None]) -> None:
    shim("")
    program = Path(sys.executable).with_name("security-hooks-shim")
    program.write_text("#!/bin/sh\necho security-hooks-shim 0.0.0\n")
    assert found(places, "shim")[0].state == "warning"
    program.write_text("#!/nowhere/at/all\n")
    assert found(places, "shim")[0].state == "bad"


def test_without_a_daemon_every_call_is_blocked(places: Places, shim: Callable[[str], None]) -> None:
    shim("exit 2")
    (item,) = found(places, "daemon")
    assert item.state == "bad"
    assert "start it with `security-hooks start`" in item.finding
    assert "every call is blocked" in item.finding
    assert not found(places, "canary")


@pytest.mark.parametrize(
    ("change", "what", "state"),
    [
        ({"well": False}, "daemon", "bad"),
        ({"version": "0.0.0"}, "daemon", "warning"),
        ({"policy": {"digest": "another"}}, "policy", "bad"),
        ({"audit": {"directory": "/s/audit", "full": True}}, "audit", "bad"),
        ({"audit": {"directory": "/elsewhere", "full": False}}, "audit", "warning"),
    ],
)
def test_what_the_daemon_tells_is_looked_at(
    places: Places,
    shim: Callable[[str], None],
    running: dict[str, Any],
    change: dict[str, Any],
    what: str,
    state: str,
) -> None:
    shim(f"echo '{REFUSAL}'; exit 2")
    running |= change
    assert found(places, what)[0].state == state


@pytest.mark.parametrize("name", ["run", "config", "state"])
def test_a_directory_that_others_may_write_to_is_bad(places: Places, tmp_path: Path, name: str) -> None:
    (tmp_path / name).chmod(0o770)
    (item,) = [item for item in examine(places) if "others may write" in item.finding]
    assert (item.state, item.mend) == ("bad", f"chmod go-w {tmp_path / name}")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give a directory away")
def test_a_directory_of_another_user_is_bad(places: Places, tmp_path: Path) -> None:
    os.chown(tmp_path / "run", 65534, 65534)
    assert found(places, "socket")[0].state == "bad"


def test_every_problem_of_the_policy_is_told(places: Places, tmp_path: Path) -> None:
    (tmp_path / "config/rules").mkdir()
    (tmp_path / "config/rules/a.rules").write_text("nonsense\n")
    (tmp_path / "config/rules/b.rules").write_text("more nonsense\n")
    items = found(places, "policy")
    assert {item.state for item in items} == {"bad"}
    assert any("a.rules:1" in item.finding for item in items)
    assert any("b.rules:1" in item.finding for item in items)
    assert {item.mend for item in items} == {"security-hooks rules lint"}


def test_observing_is_a_warning_and_sends_no_canary(
    places: Places, shim: Callable[[str], None], running: dict[str, Any], tmp_path: Path
) -> None:
    shim("exit 0")
    (tmp_path / "config/config.toml").write_text('mode = "observe"\n')
    assert found(places, "policy")[0].state == "warning"
    assert not found(places, "canary")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("exit 0", "was let through"),
        ("echo '{}'", "was let through"),
        ("exit 2", "not by the daemon's word"),
        ("echo blocked for another reason >&2; exit 2", "not by the daemon's word"),
    ],
)
def test_a_canary_that_lives_or_dies_of_something_else_is_bad(
    places: Places, shim: Callable[[str], None], running: dict[str, Any], answer: str, says: str
) -> None:
    shim(answer)
    items = found(places, "canary")
    assert len(items) == 3
    assert all(item.state == "bad" and says in item.finding for item in items)


def test_little_room_for_the_log_is_a_warning(
    places: Places, monkeypatch: pytest.MonkeyPatch, running: dict[str, Any]
) -> None:
    monkeypatch.setattr(examination, "LITTLE_ROOM", 1 << 80)
    assert found(places, "audit")[0].state == "warning"


def test_no_log_yet_is_well(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(path: Path) -> dict[str, Any]:
        raise StartupError("no daemon")

    monkeypatch.setattr(examination, "ask_status", nobody)
    assert "there is no log" in found(places, "audit")[0].finding
