"""Runs `diagnostics/*.md`: rule files and exactly what is said about them.

A case is one or more `rules` blocks and a `diagnostics` block with one complaint a line (empty: nothing to say).
The line above a `rules` block may name its file and layer: `FILE (LAYER):`. The configuration has the lists
`allowed_executables` and `sensitive_paths`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from security_hooks.dsl.lint import lint
from security_hooks.dsl.parse import parse
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.model.diagnostic import Diagnostic, Level

FOLDER = Path(__file__).parent / "diagnostics"
# The first moment of 2026.
NOW = 1_767_225_600
LISTS = {"allowed_executables": ("ls", "git"), "sensitive_paths": ("~/.ssh",)}

_BLOCK = re.compile(r"(?:^`(\S+) \((\w+)\)`:\n+)?^```(rules|diagnostics|lint)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    name: str
    files: tuple[tuple[str, str, str], ...]
    expected: tuple[str, ...]
    linted: bool


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        files: list[tuple[str, str, str]] = []
        count = 0
        for file, layer, kind, body in _BLOCK.findall(path.read_text()):
            if kind == "rules":
                files.append((file or "case.rules", layer or "user", body))
                continue
            count += 1
            found.append(Case(f"{path.stem}-{count}", tuple(files), tuple(body.splitlines()), kind == "lint"))
            files = []
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_says_what_is_wrong(case: Case) -> None:
    layered = []
    told: list[Diagnostic] = []
    for name, layer, text in case.files:
        source, diagnostics = parse(text.encode().decode("unicode_escape") if "\\x" in text else text, name)
        layered.append(LayeredFile(layer, source))
        told += diagnostics
    rules, diagnostics = resolve(layered, LISTS)
    told += diagnostics
    if case.linted:
        told += lint(layered, rules, LISTS, NOW)
    shown = [f"{'warning: ' if found.level is Level.WARNING else ''}{found}" for found in told]
    assert sorted(shown) == sorted(case.expected)


def test_every_file_holds_cases() -> None:
    assert {case.name.rpartition("-")[0] for case in cases()} == {path.stem for path in FOLDER.glob("*.md")}
