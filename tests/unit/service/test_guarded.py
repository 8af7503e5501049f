"""Which paths of the running daemon the guard's rules are told of."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Verdict
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.decide import decide
from security_hooks.policy.example_call import PLACE, shell_call
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import Sources
from security_hooks.service import guarded
from security_hooks.service.guarded import KNOWN, guarded_globs
from security_hooks.service.load import policy_directories


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(guarded, "real_home", lambda: str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_the_rules_name_themselves_is_left_out(home: Path) -> None:
    places = [home / ".config/security-hooks", home / ".local/state/security-hooks", Path("/etc/security-hooks")]
    assert guarded_globs(places, [home / ".local/state/security-hooks/run/hook.sock"]) == ()


def test_other_directories_are_guarded_whole_and_files_alone(tmp_path: Path) -> None:
    found = guarded_globs([tmp_path / "conf", tmp_path / "x/../state"], [tmp_path / "run/hook.sock"])
    assert found == (f"{tmp_path}/conf/**", f"{tmp_path}/run/hook.sock", f"{tmp_path}/state/**")


def test_links_are_guarded_at_both_ends(home: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to("far")
    assert guarded_globs([tmp_path / "near"], []) == (f"{tmp_path}/far/**", f"{tmp_path}/near/**")
    (home / ".config").mkdir(parents=True)
    (home / ".config/security-hooks").symlink_to(tmp_path / "far")
    assert guarded_globs([home / ".config/security-hooks"], []) == (f"{tmp_path}/far/**",)


def test_characters_of_globs_stand_for_themselves(tmp_path: Path) -> None:
    assert guarded_globs([tmp_path / "a*[b]?"], []) == (f"{tmp_path}/a[*][[]b][?]/**",)


def test_policy_directories_say_what_is_guarded(tmp_path: Path) -> None:
    places = policy_directories(tmp_path / "c", tmp_path / "r", tmp_path / "s", tmp_path / "hook.sock")
    assert places.guarded == (f"{tmp_path}/c/**", f"{tmp_path}/hook.sock", f"{tmp_path}/r/**", f"{tmp_path}/s/**")
    assert f"{tmp_path}/r/**" not in policy_directories(tmp_path / "c", None, tmp_path / "s").guarded


@pytest.mark.parametrize("place", KNOWN)
def test_the_rules_name_what_is_left_out(place: str) -> None:
    config = Layer("shipped", "config.toml", (Path(__file__).parents[3] / "config.toml").read_bytes())
    snapshot = assemble_at_once(build(Sources((config,), ()), BuildCache(), shipped()))
    path = place.replace("~", PLACE.home).replace(" ", "\\ ")
    assert decide(snapshot, shell_call(f"rm -rf {path}", shipped())).verdict is Verdict.DENY
    assert decide(snapshot, shell_call(f"echo x > {path}/y", shipped())).verdict is Verdict.DENY
