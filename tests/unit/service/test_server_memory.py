"""Definitions are remembered only as long as finding them again would say the same."""

from pathlib import Path

import pytest

from security_hooks.model.event import Place
from security_hooks.model.server import Definition
from security_hooks.model.world import NOWHERE, World
from security_hooks.service import server_memory
from security_hooks.service.server_memory import SERVERS, ServerMemory
from security_hooks.service.world import SETTLED_NS, LocalWorld
from security_hooks.tools.servers import find_definitions


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / ".claude.json"
    file.write_text('{"mcpServers": {"s": {"command": "one"}}}')
    later = file.stat().st_ctime_ns + 10 * SETTLED_NS
    monkeypatch.setattr("security_hooks.service.server_memory.time.time_ns", lambda: later)
    return tmp_path


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    def find(client: str, server: str, source: str, place: Place, world: World) -> tuple[Definition, ...] | None:
        seen.append(server)
        return find_definitions(client, server, source, place, world)

    monkeypatch.setattr(server_memory, "find_definitions", find)
    return seen


NOTHING_SLOW: frozenset[str] = frozenset()


def commands(memory: ServerMemory, home: Path, server: str = "s", world: World | None = None) -> list[str] | None:
    place = Place(None, str(home))
    found = memory.find("claude-code", server, "", place, world or LocalWorld(NOTHING_SLOW))
    return None if found is None else [definition.command for definition in found]


def test_what_was_found_is_remembered_while_the_files_stay(home: Path, searches: list[str]) -> None:
    memory = ServerMemory()
    assert [commands(memory, home) for _ in range(3)] == [["one"]] * 3
    assert searches == ["s"]


def test_a_changed_file_is_read_again(home: Path, searches: list[str]) -> None:
    memory = ServerMemory()
    commands(memory, home)
    (home / ".claude.json").write_text('{"mcpServers": {"s": {"command": "another"}}}')
    assert commands(memory, home) == ["another"]
    (home / ".claude.json").unlink()
    assert commands(memory, home) is None


def test_in_another_world_nothing_is_remembered(home: Path, searches: list[str]) -> None:
    memory = ServerMemory()
    assert [commands(memory, home, world=NOWHERE) for _ in range(2)] == [None, None]
    assert len(searches) == 2


def test_the_memory_is_bounded(home: Path, searches: list[str]) -> None:
    memory = ServerMemory()
    for number in range(SERVERS + 1):
        commands(memory, home, str(number))
    commands(memory, home, "0")
    assert searches.count("0") == 2
