"""Retention while the daemon runs: the real daemon compresses and prunes, a person decides, an agent does not."""

import json
from typing import Any

import pytest
from tests.fakes.terminal import ours_at_terminal

pytestmark = pytest.mark.slow
CONFIG = "[audit]\nsegment_bytes = 65536\n"


def names(daemon: Any) -> list[str]:
    return sorted(path.name for path in (daemon.state / "audit").glob("*.jsonl*"))


def test_a_person_prunes_a_log_that_is_compressed_while_calls_go_on(unstarted: Any) -> None:
    unstarted.config.mkdir(parents=True)
    (unstarted.config / "config.toml").write_text(CONFIG)
    daemon = unstarted.start()
    while len(names(daemon)) < 4:
        assert daemon.answers([daemon.shim("echo" + " x" * 2000) for _ in range(4)]) == ["allow"] * 4
    daemon.wait_until(lambda: len([name for name in names(daemon) if name.endswith(".jsonl")]) == 1)
    assert daemon.verify().returncode == 0
    place = ("--state-dir", str(daemon.state))
    status, said = ours_at_terminal(daemon, "audit", "prune", "--keep-bytes", "0", *place)
    assert status == 0, said
    assert said.startswith("pruned: ")
    assert len(names(daemon)) == 1
    begin = int(names(daemon)[0].partition(".")[0])
    checked = daemon.run("audit", "verify", "--json", *place)
    assert checked.returncode == 0, checked.stdout
    report = json.loads(checked.stdout)
    assert (report["first"], report["pruned"]["through"], report["pruned"]["by"]) == (begin, begin - 1, "person")
    assert daemon.call("ls").verdict == "allow"
    assert daemon.call("security-hooks audit prune --keep-bytes 0").verdict == "deny"
    oldest = daemon.run("audit", "query", "-n", "0", "--json", *place).stdout.splitlines()[0]
    assert json.loads(oldest)["seq"] == begin
