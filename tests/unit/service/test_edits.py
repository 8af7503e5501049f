import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.service.edits import Cut, applied, edits
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits
from security_hooks.shell.parts import parts_of

PLACE = Place("/p", "/home/u", "/p")
CATALOGUE = shipped()


def results(text: str) -> list[str]:
    commands = read_script(text, PLACE, CATALOGUE, ShellLimits()).commands
    return [applied(text, (cut,)) for cut in edits(text, parts_of(text, commands), commands)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a; b; c", ["a; b; ", "b; c", "a; c"]),
        ("a && b && c", ["b && c", "a && c", "a && b"]),
        ("a | b | c", ["b | c", "a | c", "a | b"]),
        ("ls & pwd", ["ls & ", "pwd"]),
        ("ls -la", ["ls -a", "ls -l", "ls", ""]),
        ("find -delete", ["find", ""]),
        ("ls > x", ["ls", ""]),
        ("rm /a/b /c", ["rm /a/b ./c", "rm ./b /c", "rm /a/b", "rm /c", ""]),
        ("rm /a", ["rm ./a", ""]),
        ('rm "$X"', ["", 'rm "./build"', "rm ./build"]),
        ("curl https://e.example/x", [""]),
        ("git push origin main", [""]),
        ("", []),
    ],
)
def test_edits_are_small_changes_smallest_first(text: str, expected: list[str]) -> None:
    assert results(text) == expected


def test_cuts_that_overlap_are_made_once() -> None:
    cuts = [Cut(4, 6, "", ""), Cut(0, 3, "x", ""), Cut(1, 2, "y", "")]
    assert applied("abcdefgh", cuts) == "xdgh"
