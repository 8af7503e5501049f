import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.install.inspection import command_of, inspect
from security_hooks.install.places import Machine
from security_hooks.wiring.table import CLIENTS, Scope, wired_client

REFUSALS = {
    "claude-code": 'echo \'{"decision":"block","reason":"rule guard-commands"}\'; exit 2',
    "gemini-cli": 'echo \'{"decision":"deny","reason":"rule guard-commands"}\'',
    "codex-cli": "echo 'rule guard-commands' >&2; exit 2",
}
Shim = Callable[[str], Path]
Install = Callable[..., None]
NAMES = [client.name for client in CLIENTS]


def said(place: Machine, client: str, *, is_enforcing: bool = True) -> dict[str, str]:
    """What is said of one client, but for what stays open: state by finding."""
    found = [item for item in inspect(place, None, is_enforcing=is_enforcing) if item.client == client]
    return {item.remark.finding: item.remark.state for item in found if item.remark.state != "open"}


@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("scope", list(Scope))
def test_a_call_that_is_denied_through_the_installed_line_is_proof(
    place: Machine, shim: Shim, install: Install, client: str, scope: Scope
) -> None:
    install(client, shim(REFUSALS[client]), scope)
    found = said(place, client)
    assert "bad" not in found.values(), found
    assert "wired; a call that every policy denies was denied by the installed hook line" in found


@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("answer", ["exit 0", "echo '{}'", 'echo \'{"decision":"allow"}\''])
def test_a_call_that_is_let_through_is_bad(
    place: Machine, shim: Shim, install: Install, client: str, answer: str
) -> None:
    install(client, shim(answer))
    found = {
        finding: state
        for finding, state in said(place, client).items()
        if "let through" in finding or "blocks" in finding
    }
    # Gemini's line takes an empty answer for a failure, and blocks.
    assert list(found.values()) == ["bad"]


@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("answer", ["exit 1", "kill -9 $$", "exit 2", "exit 127"])
def test_whatever_fails_is_blocked_by_the_line_itself(
    place: Machine, shim: Shim, install: Install, client: str, answer: str
) -> None:
    install(client, shim(answer))
    found = said(place, client)
    if client == "claude-code" and answer != "exit 2":
        # There the client blocks, by `onFailure`, which nobody but it can prove.
        assert any("let through" in finding for finding in found)
    else:
        assert found["the installed hook line blocks, but not by the daemon's word"] == "bad"


@pytest.mark.parametrize("client", NAMES)
def test_a_shim_that_is_not_there_is_bad(place: Machine, install: Install, client: str) -> None:
    install(client, Path("/nowhere/security-hooks-shim"))
    assert said(place, client)["the hook names /nowhere/security-hooks-shim, which is not there"] == "bad"


@pytest.mark.parametrize("client", NAMES)
def test_observing_and_a_missing_daemon_send_no_call(place: Machine, shim: Shim, install: Install, client: str) -> None:
    install(client, shim("exit 0"))
    assert (
        said(place, client, is_enforcing=False)["wired; without a daemon that enforces, nothing was proved"]
        == "warning"
    )
    install(client, shim("exit 0"), observe=True)
    assert said(place, client, is_enforcing=False)["wired, and observing"] == "well"
    assert said(place, client)["wired; what the guard denies is blocked all the same"] == "well"


@pytest.mark.parametrize("client", NAMES)
def test_a_client_that_is_here_and_not_wired_is_bad_and_one_that_is_neither_is_nothing(
    place: Machine, tmp_path: Path, client: str
) -> None:
    assert list(inspect(place, None, is_enforcing=True)) == []
    row = wired_client(client)
    package = tmp_path / "usr/lib/node_modules" / row.package
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": row.package, "version": "0.0.1"}))
    found = said(place, client)
    assert found["no settings file holds our hooks: no call is judged"] == "bad"
    assert any("version 0.0.1" in finding and state != "well" for finding, state in found.items())


@pytest.mark.parametrize("client", NAMES)
def test_what_stays_open_is_said_of_each_wired_client(
    place: Machine, shim: Shim, install: Install, client: str
) -> None:
    install(client, shim("exit 2"))
    opened = [item for item in inspect(place, None, is_enforcing=False) if item.remark.state == "open"]
    assert opened and all(item.client == client and item.remark.mend for item in opened)


def test_each_client_starts_its_hooks_in_its_own_way() -> None:
    assert command_of("claude-code", {"command": "/s", "args": ["a b"]}) == ["/s", "a b"]
    assert command_of("claude-code", {"command": "/s a"}) == ["/bin/sh", "-c", "/s a"]
    assert command_of("gemini-cli", {"command": "/s a"}) == ["bash", "-c", "/s a"]
    assert command_of("codex-cli", {"command": "/s a"})[1:] == ["-c", "/s a"]
