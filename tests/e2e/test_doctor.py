"""What `doctor` and `status` say of deliveries, of the store and of the process that keeps it: a real daemon's own."""

import json
import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def said(daemon: Any, what: str) -> list[dict[str, str]]:
    """What `doctor` finds about something."""
    shown = daemon.run("doctor", "--json", "--root", daemon.place, *daemon.arguments)
    return [item for item in json.loads(shown.stdout) if item["what"] == what]


@pytest.fixture
def nobody() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{once.getsockname()[1]}/"


def configured(daemon: Any, url: str, secret: Path) -> Any:
    daemon.config.mkdir(exist_ok=True)
    secret.write_text("of the tests")
    secret.chmod(0o600)
    sink = f'name = "siem"\nkind = "http"\nurl = "{url}"\nsecret_file = "{secret}"\nbatch_seconds = 1\n'
    (daemon.config / "config.toml").write_text(f"[[sinks]]\n{sink}")
    return daemon.start()


def test_a_sink_that_is_down_is_told_with_since_when_why_and_what_mends_it(
    unstarted: Any, nobody: str, tmp_path: Path
) -> None:
    daemon = configured(unstarted, nobody, tmp_path / "key")
    assert daemon.call("git status").verdict == "allow"
    daemon.wait_until(lambda: [item["state"] for item in said(daemon, "sink")] == ["warning"])
    (item,) = said(daemon, "sink")
    (row,) = daemon.status()["insight"]["sinks"]
    assert "siem (http) takes nothing since 20" in item["finding"]
    assert item["finding"].endswith("Connection refused")
    assert item["mend"] == row["mend"] != ""
    assert row["down_since"] > 0
    # Five failures in a row take some time; what mends them is a secret of the right mode, too.
    (tmp_path / "key").chmod(0o644)
    daemon.wait_until(lambda: [item["state"] for item in said(daemon, "sink")] == ["bad"], 120)
    (item,) = said(daemon, "sink")
    assert item["mend"] == f"chmod 600 {tmp_path}/key"
    assert daemon.run("doctor", "--root", daemon.place, *daemon.arguments).returncode == 1
    assert daemon.call("git status").verdict == "allow"


def test_a_store_that_cannot_be_written_is_told_and_stops_no_call(unstarted: Any) -> None:
    store = unstarted.state / "insight/store.sqlite"
    store.mkdir(parents=True)
    daemon = unstarted.start()
    assert daemon.call("git status").verdict == "allow"
    daemon.wait_until(lambda: [item["state"] for item in said(daemon, "store")] == ["warning"])
    (item,) = said(daemon, "store")
    assert "unable to open" in item["finding"]
    assert str(unstarted.state / "insight") in item["mend"]
    shutil.rmtree(store)
    daemon.wait_until(lambda: [item["state"] for item in said(daemon, "store")] == ["well"], 60)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_a_process_that_dies_again_and_again_is_told(daemon: Any) -> None:
    seen: set[int] = set()

    def died_often() -> bool:
        insight = daemon.status()["insight"]
        if insight["pid"] is not None and insight["pid"] not in seen:
            seen.add(insight["pid"])
            os.kill(insight["pid"], signal.SIGKILL)
        return bool(insight["restarts"] >= 3)

    daemon.wait_until(died_often, 60)
    (item,) = said(daemon, "insight")
    assert item["state"] == "warning"
    assert "the process that reads the log" in item["finding"]
    assert "ended" in item["finding"]
    assert "security-hooks restart" in item["mend"]
