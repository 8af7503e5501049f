"""Scripts are remembered only as long as reading them again would say the same."""

import os
from pathlib import Path

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.model.world import World
from security_hooks.service import script_memory
from security_hooks.service.script_memory import LONGEST, SCRIPTS, ScriptMemory
from security_hooks.service.world import SETTLED_NS, LocalWorld
from security_hooks.shell.limits import ShellLimits

LIMITS = ShellLimits()
CATALOGUE = Catalogue({}, frozenset())
HERE = Place("/p", "/h", "/p")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every script that was really read; each looks at the path that its text names."""
    seen: list[str] = []

    def read(text: str, place: Place, catalogue: object, limits: ShellLimits, world: World) -> Script:
        seen.append(text)
        world.read(text, 99)
        return Script(text, (), over_budget="over" in text)

    monkeypatch.setattr(script_memory, "read_script", read)
    return seen


def ask(memory: ScriptMemory, text: str, slow: frozenset[str] = frozenset(), place: Place = HERE) -> None:
    memory.read(text, place, CATALOGUE, LIMITS, LocalWorld(slow))


def settle(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time pass until a change of the file would show."""
    later = path.stat().st_ctime_ns + 2 * SETTLED_NS
    monkeypatch.setattr("security_hooks.service.script_memory.time.time_ns", lambda: later)


def test_a_script_that_looked_at_nothing_is_read_once(reads: list[str]) -> None:
    memory = ScriptMemory()
    for _ in range(3):
        ask(memory, "relative")
    assert reads == ["relative"]


def test_a_script_is_another_one_elsewhere_or_within_other_limits(reads: list[str]) -> None:
    memory = ScriptMemory()
    ask(memory, "x")
    ask(memory, "x", place=Place("/q", "/h"))
    memory.read("x", HERE, CATALOGUE, ShellLimits(nodes=7), LocalWorld())
    assert len(reads) == 3


def test_a_script_that_looked_at_the_disk_is_remembered_until_that_changes(
    reads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, file = ScriptMemory(), tmp_path / "file"
    file.write_text("one")
    settle(file, monkeypatch)
    ask(memory, str(file))
    ask(memory, str(file))
    assert len(reads) == 1
    file.write_text("two!")
    ask(memory, str(file))
    assert len(reads) == 2


def test_a_file_that_changed_a_moment_ago_is_read_again(reads: list[str], tmp_path: Path) -> None:
    memory, file = ScriptMemory(), tmp_path / "file"
    file.write_text("one")
    os.utime(file, ns=(1, 1))
    ask(memory, str(file))
    ask(memory, str(file))
    assert len(reads) == 2


def test_what_was_not_looked_at_is_not_remembered(reads: list[str], tmp_path: Path) -> None:
    memory = ScriptMemory()
    for _ in range(2):
        ask(memory, f"{tmp_path}/x", frozenset({str(tmp_path)}))
    assert len(reads) == 2


def test_other_mounts_are_another_disk(reads: list[str], tmp_path: Path) -> None:
    memory = ScriptMemory()
    first = frozenset({"/elsewhere"})
    for slow in (first, first, frozenset({"/elsewhere", "/more"})):
        ask(memory, f"{tmp_path}/x", slow)
    assert len(reads) == 2


def test_what_ran_out_of_time_or_is_long_is_not_remembered(reads: list[str]) -> None:
    memory = ScriptMemory()
    for text in ("over", "x" * (LONGEST + 1)):
        ask(memory, text)
        ask(memory, text)
    assert len(reads) == 4


def test_the_oldest_is_forgotten(reads: list[str]) -> None:
    memory = ScriptMemory()
    for number in range(SCRIPTS + 1):
        ask(memory, f"s{number}")
    ask(memory, f"s{SCRIPTS}")
    assert len(reads) == SCRIPTS + 1
    ask(memory, "s0")
    assert len(reads) == SCRIPTS + 2


def test_another_catalogue_reads_it_anew(reads: list[str]) -> None:
    memory = ScriptMemory()
    ask(memory, "x")
    for _ in range(3):
        # Each is gone again after its call: none may take over what another of the same id left.
        memory.read("x", HERE, Catalogue({}, frozenset({"cd"})), LIMITS, LocalWorld())
    assert len(reads) == 4
