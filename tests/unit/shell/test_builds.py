"""What stands in the project's own files is walked where a command runs it."""

from collections.abc import Callable

import pytest

from security_hooks.catalogue.load import load
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.model.world import Nowhere
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = load(
    {
        "a.toml": b"""
schema = 2
builtins = ["cd", "."]
[command.make]
language = "make"
builds = "makefile"
options = ["-C chdir:DIR", "-f script:FILE"]
operands = ["TARGET..."]
[command.npm.sub.run]
builds = "package_scripts"
operands = ["SCRIPT", "TEXT..."]
[command.npm.sub.test]
builds = "package_scripts"
operands = []
[command.sh]
kind = "shell"
options = ["-c CODE"]
code = ["-c"]
[command.python3]
kind = "interpreter"
language = "python"
options = ["-c CODE"]
code = ["-c"]
operands = ["script:FILE", "TEXT..."]
"""
    }
)
PLACE = Place("/w", "/home/me", "/w")
MAKEFILE = b"all: build\nbuild:\n\trm -rf /srv/out\nclean:\n\techo $(X)\n"


class Files(Nowhere):
    """A world of a few files."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str, most: int) -> bytes | None:
        content = self._files.get(path)
        return content if content is not None and len(content) <= most else None


def programs(text: str, files: dict[str, bytes]) -> list[str]:
    script = read_script(text, PLACE, CATALOGUE, ShellLimits(), Files(files))
    assert not script.over_budget
    return [command.folded for command in script.commands]


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("make", {"/w/Makefile": MAKEFILE}, ["make", "rm -rf /srv/out"]),
        (
            "make build",
            {"/w/GNUmakefile": MAKEFILE, "/w/Makefile": b"build:\n\tls\n"},
            ["make build", "rm -rf /srv/out"],
        ),
        ("make -C sub build", {"/w/sub/Makefile": MAKEFILE}, ["make -C sub build", "rm -rf /srv/out"]),
        ("make -f x.mk", {"/w/x.mk": MAKEFILE}, ["make -f x.mk", "rm -rf /srv/out"]),
        ("make", {}, ["make"]),
        ("cd sub && make", {"/w/sub/Makefile": MAKEFILE}, ["cd sub", "make", "rm -rf /srv/out"]),
        ("npm run x", {"/w/package.json": b'{"scripts": {"x": "rm -rf dist"}}'}, ["npm run x", "rm -rf dist"]),
        ("npm test", {"/w/package.json": b'{"scripts": {"test": "jest -i"}}'}, ["npm test", "jest -i"]),
        ("npm run y", {"/w/package.json": b'{"scripts": {"x": "rm -rf dist"}}'}, ["npm run y"]),
    ],
)
def test_build_files_are_walked(text: str, files: dict[str, bytes], expected: list[str]) -> None:
    assert programs(text, files) == expected


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("sh x.sh", {"/w/x.sh": b"rm -rf /srv\n"}, "rm -rf /srv"),
        ("./x", {"/w/x": b"#!/bin/sh\nrm -rf /srv\n"}, "rm -rf /srv"),
        (". ./x", {"/w/x": b"rm -rf /srv\n"}, "rm -rf /srv"),
        ("./x", {"/w/x": b"#!/usr/bin/env python3\nimport os\nos.system('rm -rf /srv')\n"}, "rm -rf /srv"),
        ("python3 x.py", {"/w/x.py": b"import os\nos.system('rm -rf /srv')\n"}, "rm -rf /srv"),
        ("python3 < x.py", {"/w/x.py": b"import os\nos.system('rm -rf /srv')\n"}, "rm -rf /srv"),
    ],
)
def test_scripts_are_read_where_they_are_run(text: str, files: dict[str, bytes], expected: str) -> None:
    assert expected in programs(text, files)


def test_a_variable_of_make_that_is_not_known_is_no_command() -> None:
    files = {"/w/Makefile": b"help:\n\tsed -n p $(MAKEFILE_LIST)\n\techo $$(pwd)\n"}
    assert programs("make", files) == ["make", "sed -n p $(MAKEFILE_LIST)", "pwd", "echo /w"]


def test_a_script_that_was_read_is_known() -> None:
    script = read_script("./x ~/k; ./y", PLACE, CATALOGUE, ShellLimits(), Files({"/w/x": b"ls\n"}))
    assert [(command.folded, command.is_known) for command in script.commands] == [
        ("./x /home/me/k", True),
        ("ls", False),
        ("./y", False),
    ]
    assert any(effect.kind is EffectKind.NAMES for effect in script.commands[0].effects)


def test_a_program_that_is_no_text_is_not_read() -> None:
    assert programs("./x", {"/w/x": b"\x7fELF\0rm -rf /\n"}) == ["./x"]


def test_a_file_that_runs_itself_ends() -> None:
    script = read_script("sh x", PLACE, CATALOGUE, ShellLimits(), Files({"/w/x": b"sh x\n"}))
    assert script.over_budget


def test_a_makefile_that_makes_itself_ends() -> None:
    world = Files({"/w/Makefile": b"all:\n\tmake all\n"})
    assert read_script("make", PLACE, CATALOGUE, ShellLimits(), world).over_budget


@pytest.mark.parametrize(
    "text",
    [
        "make -f - <<'X'\nall:\n\trm x\nX",
        "make -f /dev/stdin <<'X'\nx := $(shell rm x)\nall:\nX",
        "just --justfile /dev/stdin <<'X'\nall:\n  rm x\nX",
        "awk -f - <<< 'BEGIN { system(\"rm x\") }'",
        "sed -n -f /dev/stdin a <<< '1e rm x'",
    ],
)
def test_a_file_of_code_may_be_standard_input(read: Callable[[str], Script], text: str) -> None:
    assert "rm x" in [command.folded for command in read(text).commands]


def test_a_build_elsewhere_works_there(read: Callable[[str], Script]) -> None:
    script = read("make -C /srv/x -f - <<'X'\nall:\n\trm -r y\nX\nrm z")
    paths = [
        effect.target.literal for c in script.commands for effect in c.effects if c.program == "rm" and effect.target
    ]
    assert paths == ["/srv/x/y", "/home/me/project/z"]
