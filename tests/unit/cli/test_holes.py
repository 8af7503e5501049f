import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.cli.holes import MOST_SHOWN, Unknown, unknowns
from security_hooks.model.event import Place
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = shipped()


def found(text: str) -> tuple[Unknown, ...]:
    return unknowns(read_script(text, Place("/p", "/home/u", "/p"), CATALOGUE, ShellLimits()))


@pytest.mark.parametrize(
    ("text", "source", "at", "comes_from"),
    [
        ('ls\nrm "$X"', "$X", (2, 5), "the variable X, which the script does not set"),
        ("X=$(date); rm $X/a", "$(date)", (1, 3), "the output of a command"),
        ('rm "$1"', "$1", (1, 5), "an argument that the script is given"),
        ("echo $$", "$$", (1, 6), "something that the shell sets when it runs"),
        ("rm *.py", "*", (1, 4), "the names of the files that match then"),
        ("cat < <(date)", "<(date)", (1, 7), "a file that the shell names when it runs"),
    ],
)
def test_each_part_that_is_not_known_says_where_it_comes_from(
    text: str, source: str, at: tuple[int, int], comes_from: str
) -> None:
    parts = {unknown.source: unknown for unknown in found(text)}
    assert (parts[source].at, parts[source].comes_from) == (at, comes_from)
    assert parts[source].known_if


def test_what_is_known_is_not_listed_and_each_text_comes_once() -> None:
    assert found("X=a; rm $X") == ()
    assert len(found("rm $X $X; ls $X")) == 1
    assert len(found(" ".join(f"$A{number}" for number in range(100)))) == MOST_SHOWN
