import json
from pathlib import Path

import pytest

from security_hooks.install.places import Machine, machine
from security_hooks.install.version import present
from security_hooks.wiring.table import Version, wired_client

CLAUDE = wired_client("claude-code")


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return machine(None, tmp_path, {})


def test_below_a_root_only_the_package_is_looked_at(place: Machine, tmp_path: Path) -> None:
    assert present(CLAUDE, place) is None
    package = tmp_path / "usr/lib/node_modules" / CLAUDE.package
    package.mkdir(parents=True)
    for content, version in (
        (json.dumps({"name": CLAUDE.package, "version": "2.1.300"}), (2, 1, 300)),
        (json.dumps({"name": "other", "version": "2.1.300"}), None),
        (json.dumps({"name": CLAUDE.package, "version": 7}), None),
        ("[", None),
    ):
        (package / "package.json").write_text(content)
        found = present(CLAUDE, place)
        assert found is not None
        assert found.version == version


def test_the_package_around_a_program_tells_its_version(here: Machine, tmp_path: Path) -> None:
    package = tmp_path / "lib" / CLAUDE.package
    cli = program(package / "cli.js", "#!/bin/sh\nexit 9\n")
    (package / "package.json").write_text(json.dumps({"name": CLAUDE.package, "version": "2.2.0-beta.1"}))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/claude").symlink_to(cli)
    found = present(CLAUDE, here)
    assert found is not None
    assert found.version == (2, 2, 0)


def test_a_native_program_is_named_by_its_version(here: Machine, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/claude").symlink_to(program(tmp_path / "share/claude/versions/2.1.329", "#!/bin/sh\nexit 9\n"))
    found = present(CLAUDE, here)
    assert found is not None
    assert found.version == (2, 1, 329)


@pytest.mark.parametrize(
    ("says", "version"),
    [("echo '2.1.7 (Claude Code)'", (2, 1, 7)), ("echo hello", None), ("exit 3", None), ("kill -9 $$", None)],
)
def test_else_it_is_asked(here: Machine, tmp_path: Path, says: str, version: Version | None) -> None:
    program(tmp_path / "bin/claude", f"#!/bin/sh\n{says}\n")
    found = present(CLAUDE, here)
    assert found is not None
    assert found.version == version


def test_a_program_that_does_not_run_has_no_version(here: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin/claude", "#!/nowhere/at/all\n")
    found = present(CLAUDE, here)
    assert found is not None
    assert found.version is None


def test_what_is_not_on_the_path_is_not_here(here: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert present(CLAUDE, here) is None
