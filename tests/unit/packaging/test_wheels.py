"""The script that builds all wheels: its table, what a build may see, and how it refuses."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheels() -> ModuleType:
    spec = importlib.util.spec_from_file_location("packaging_wheels", ROOT / "packaging/wheels.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its own module
    spec.loader.exec_module(module)
    return module


def test_every_platform_has_tags_of_its_own_in_the_order_of_the_standard(wheels: ModuleType) -> None:
    tags = [tag for target in wheels.TARGETS for tag in target.tags]
    assert len(set(tags)) == len(tags) == 8
    assert all(list(target.tags) == sorted(target.tags) for target in wheels.TARGETS)
    # Two names for one promise: the C library of 2014.
    for machine in ("x86_64", "aarch64"):
        assert {f"manylinux2014_{machine}", f"manylinux_2_17_{machine}"} <= set(tags)


def test_a_build_sees_nothing_of_the_environment_that_could_change_it(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CFLAGS", "LDFLAGS", "LIBC", "MAKEFLAGS", "DEFINES", "PYTHONHASHSEED", "PYTHONPATH", "LANG", "CC"):
        monkeypatch.setenv(name, "hostile")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    for target in (None, *wheels.TARGETS):
        seen = wheels.environment(target, tmp_path)
        assert "hostile" not in seen.values()
        assert (seen["SOURCE_DATE_EPOCH"], seen["PYTHONHASHSEED"], seen["HOME"]) == ("7", "0", str(tmp_path))
        assert ("CC" in seen) == (target is not None)


def test_without_zig_the_sentence_says_what_installs_it(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="ziglang is not installed: run `make wheels`"):
        wheels.main(["--out", str(tmp_path / "dist"), "--cache", str(tmp_path / "cache")])
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_fails_shows_the_tools_words_and_leaves_the_directory_alone(
    wheels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, out = tmp_path / "broken", tmp_path / "dist"
    broken.mkdir()
    (broken / "pyproject.toml").write_text("[project]\nname = 'no version'\n")
    out.mkdir()
    (out / "earlier.whl").write_text("kept")
    monkeypatch.setattr(wheels, "ROOT", broken)
    with pytest.raises(SystemExit, match=r"the sdist cannot be built:\n(.|\n)*project.version"):
        wheels.build_all(out, tmp_path / "cache")
    assert [file.name for file in out.iterdir()] == ["earlier.whl"]
