"""The layout that the style guide promises: small files, mirrored tests, no dumping grounds."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "daemon/security_hooks").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
BANNED = {"utils", "helpers", "common", "core", "base", "misc", "manager"}
LONGEST = 400
# Proven elsewhere: the entry point by every CLI test, types by whoever uses them.
UNMIRRORED = {"__init__.py", "main.py", "command.py", "options.py"}


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_one_idea_and_a_name_for_it(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST
    assert path.stem not in BANNED


def test_unit_tests_mirror_the_code() -> None:
    modules = {path.relative_to(ROOT / "daemon/security_hooks").with_suffix("") for path in SOURCES}
    for test in (ROOT / "tests/unit").rglob("test_*.py"):
        place = test.relative_to(ROOT / "tests/unit")
        if len(place.parts) == 1 or place.parts[0] == "packaging":
            continue
        stem = place.stem.removeprefix("test_")
        mirrored = [
            m for m in modules if m.parent == place.parent and (stem == m.name or stem.startswith(m.name + "_"))
        ]
        assert mirrored, f"{place} tests no module"
