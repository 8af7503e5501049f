import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.cli import doctor
from security_hooks.cli.main import main
from security_hooks.install.inspection import Inspected
from security_hooks.install.places import Machine
from security_hooks.service.examination import Examined, Places
from security_hooks.wiring.report import Remark

WELL = Examined("shim", "well", "it is there")
ODD = Examined("policy", "warning", "odd\x1b[31m", "mend it so")
BAD = Examined("daemon", "bad", "not there")
OPEN = Remark("open", "it stays open", "this")


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client, no log and no catalogue of this machine."""
    monkeypatch.setattr(doctor, "soundness", lambda *_: iter(()))
    monkeypatch.setattr(doctor, "inspect", lambda *_, **__: iter((Inspected("codex-cli", OPEN),)))


@pytest.mark.parametrize(
    ("items", "exit_status"), [((WELL,), 0), ((WELL, ODD), 0), ((BAD, WELL), 1)], ids=["well", "odd", "bad"]
)
def test_only_what_is_bad_makes_it_a_no(
    items: tuple[Examined, ...], exit_status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter(items))
    assert main(["doctor", "--socket", str(tmp_path / "s")]) == exit_status


def test_findings_are_lined_up_with_what_mends_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter((WELL, ODD, BAD)))
    main(["doctor", "--socket", "/run/s"])
    assert capsys.readouterr().out.splitlines() == [
        "well     shim        it is there",
        "warning  policy      odd\\x1b[31m",
        "                      mend it: mend it so",
        "bad      daemon      not there",
        "open     codex-cli   it stays open",
        "                      what helps: this",
    ]


def test_json_is_a_list_of_findings(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter((BAD,)))
    assert main(["doctor", "--json", "--socket", "/run/s"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {"what": "daemon", "state": "bad", "finding": "not there", "mend": ""},
        {"what": "codex-cli", "state": "open", "finding": "it stays open", "mend": "this"},
    ]


def test_it_looks_where_the_options_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked: list[Places] = []

    def examine(places: Places) -> Iterator[Examined]:
        looked.append(places)
        return iter(())

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--socket", "s", "--state-dir", "state", "--config-dir", "config", "--rules", "rules"]) == 0
    (places,) = looked
    assert (places.socket, places.state) == (tmp_path / "s", tmp_path / "state")
    assert (places.policy.config, places.policy.rules) == (str(tmp_path / "config"), str(tmp_path / "rules"))


def test_below_a_root_it_looks_there_for_all_that_is_not_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looked: list[Places] = []
    machines: list[Machine] = []

    def examine(places: Places) -> Iterator[Examined]:
        looked.append(places)
        return iter((Examined("canary", "well", "denied"),))

    def inspect(machine: Machine, project: Path | None, *, is_enforcing: bool) -> Iterator[Inspected]:
        assert (project, is_enforcing) == (None, True)
        machines.append(machine)
        return iter(())

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setattr(doctor, "inspect", inspect)
    assert main(["doctor", "--root", str(tmp_path)]) == 0
    assert looked[0].state.is_relative_to(tmp_path) and looked[0].socket.is_relative_to(tmp_path)
    assert machines[0].root == tmp_path
    assert "no client is here or wired" in capsys.readouterr().out


def test_a_root_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    assert main(["doctor", "--root", str(tmp_path / "none")]) == 64
