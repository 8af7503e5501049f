from collections.abc import Callable

import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value

Told = Callable[[str, str | Value], list[str]]
X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("{ print $1 }", []),
        ('$1 > 5 { print "rm -rf /" } # system("id")', []),
        ("/system(a)|getline/ { n++ } END { print n }", []),
        ('BEGIN { system("id") }', ["shell id"]),
        ('BEGIN { c = "i"; c2 = c "d"; system(c2) }', ["shell id"]),
        ('BEGIN { "id" | getline x }', ["shell id"]),
        ('{ print $1 | "sh" }', ["shell sh"]),
        ('{ print > "/x" } { printf "a" >> "/y" }', ["writes /x", "writes /y"]),
        ('BEGIN { while ((getline l < "/x") > 0) print l }', ["reads /x"]),
        ("BEGIN { system($1) }", ["shell ??"]),
        ('BEGIN { print ENVIRON["A"] }', ["reads_env A"]),
        (
            'BEGIN { s = "/inet/tcp/0/e.example/80"; print |& s }',
            ["connects e.example"],
        ),
    ],
)
def test_awk_runs_reads_and_writes(told: Told, code: str, found: list[str]) -> None:
    assert told("awk", code) == found


def test_a_hole_in_an_awk_text_stays_one(told: Told) -> None:
    assert told("awk", ('BEGIN { system("rm ', X, '") }')) == ["shell rm ?"]
