"""Every entry of the shipped catalogue: it says what it is, and its own example reads by it."""

import pytest

from security_hooks.catalogue.entry import CommandSpec
from security_hooks.catalogue.load import load, shipped_files
from security_hooks.model.event import Place
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits
from security_hooks.shell.options import subcommand

FILES = shipped_files()
CATALOGUE = load(FILES)
PLACE = Place("/home/me/work", "/home/me", "/home/me/work")
ENTRIES = sorted({id(spec): spec for spec in CATALOGUE.commands.values()}.values(), key=lambda spec: spec.name)


def test_a_command_stands_in_one_file_only() -> None:
    seen: dict[str, str] = {}
    twice = []
    for file, content in FILES.items():
        for name in load({file: content}).commands:
            if name in seen:
                twice.append(f"{name}: {seen[name]} and {file}")
            seen[name] = file
    assert twice == []


def test_there_are_many() -> None:
    assert len(ENTRIES) >= 700


@pytest.mark.parametrize("spec", ENTRIES, ids=[spec.name for spec in ENTRIES])
def test_an_entry_is_whole(spec: CommandSpec) -> None:
    assert spec.summary
    assert spec.action is not None or spec.subcommands or spec.verbs is not None or spec.wraps is not None
    assert spec.operands is not None or spec.subcommands or spec.verbs is not None or spec.wraps is not None


@pytest.mark.parametrize("spec", ENTRIES, ids=[spec.name for spec in ENTRIES])
def test_its_example_reads_without_an_unknown_option(spec: CommandSpec) -> None:
    assert spec.example
    script = read_script(spec.example, PLACE, CATALOGUE, ShellLimits())
    assert script.problem is None
    programs = {command.program for command in script.commands}
    programs |= {wrapper.program for command in script.commands for wrapper in command.wrappers}
    assert programs & {spec.name, *spec.aliases}
    for command in script.commands:
        if command.program in (spec.name, *spec.aliases):
            last, known = _read(spec, command.subcommands)
            assert last.others is not None or command.options <= known, sorted(command.options - known)


def _read(spec: CommandSpec, chain: tuple[str, ...]) -> tuple[CommandSpec, set[str]]:
    """The subcommand at the end of the chain, and all options that stand above it."""
    known = set(spec.options)
    for name in chain:
        below = subcommand(spec, name)
        assert below is not None, name
        spec = below
        known |= set(spec.options)
    return spec, known
