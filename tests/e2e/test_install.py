"""What `install` writes, with the real shim and the real daemon: `doctor` proves it while there is a daemon."""

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CLIENTS = ("claude-code", "gemini-cli", "codex-cli")


def findings(daemon: Any, root: Path) -> dict[str, list[dict[str, str]]]:
    """What `doctor --json` says, by what it is about."""
    run = daemon.run("doctor", "--json", "--root", root, *daemon.arguments)
    found: dict[str, list[dict[str, str]]] = {}
    for item in json.loads(run.stdout):
        found.setdefault(item["what"], []).append(item)
    return found


def test_an_installation_is_proved_by_a_call_that_must_be_denied(daemon: Any, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    assert daemon.run("install", "--all", "--root", root, "--socket", daemon.socket).returncode == 0
    found = findings(daemon, root)
    for client in CLIENTS:
        assert {item["state"] for item in found[client]} <= {"well", "warning", "open"}
        assert any("was denied by the installed hook line" in item["finding"] for item in found[client])
    proofs = [record for record in daemon.records() if record.get("session") == "security-hooks-doctor"]
    assert [record["client"] for record in proofs] == list(CLIENTS)
    daemon.stop()
    found = findings(daemon, root)
    assert found["daemon"][0]["state"] == "bad"
    for client in CLIENTS:
        assert any("nothing was proved" in item["finding"] for item in found[client])
