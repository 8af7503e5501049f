"""The manual pages: whole, and without a fault that a reader of roff would find."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit
from security_hooks.cli.main import COMMANDS, main
from security_hooks.cli.man import page

SHIM = Path(__file__).parents[3] / "shim/security-hooks-shim.1"
CHECKS = (
    ("groff", ["groff", "-man", "-ww", "-Tutf8", "-z"]),
    ("mandoc", ["mandoc", "-Tlint", "-W", "warning"]),
    ("man-db", ["man", "--warnings", "-l", "-E", "UTF-8"]),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    made = tmp_path_factory.mktemp("man") / "security-hooks.1"
    made.write_text(page())
    return made, SHIM


@pytest.mark.parametrize(("package", "words"), CHECKS, ids=[package for package, _ in CHECKS])
def test_readers_have_nothing_to_complain_of(package: str, words: list[str], pages: tuple[Path, Path]) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed; on Debian: apt-get install {package}")
    for file in pages:
        read = subprocess.run([*words, file], capture_output=True, text=True, check=False)
        said = read.stdout if words[0] == "mandoc" else read.stderr
        # mandoc wants a date, and with one each day's build would be another.
        assert [line for line in said.splitlines() if "missing date" not in line] == []


def test_every_command_has_its_part_with_an_example() -> None:
    text = page()
    parts = re.findall(r'^\.SS "([^"]+)"$', text, re.MULTILINE)
    assert list(dict.fromkeys(part.partition(" ")[0].replace("\\", "") for part in parts)) == list(COMMANDS)
    assert {"rules lint", "audit verify", "mcp pin"} <= set(parts)


def test_every_exit_status_is_told() -> None:
    told = page().partition(".SH EXIT STATUS")[2].partition(".SH")[0]
    assert {int(number) for number in re.findall(r"^\.B (\d+)$", told, re.MULTILINE)} == set(map(int, Exit))


def test_prose_is_prose_and_options_can_be_copied() -> None:
    text = page()
    assert "`" not in text
    assert "\\fB\\-\\-state\\-dir\\fR \\fIDIR\\fR" in text
    assert not re.search(r"(?<!\\)--[a-z]", text)


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["man"]) == 0
    assert capsys.readouterr().out == page()
