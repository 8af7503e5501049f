from collections.abc import Callable

import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.reading import Value

Told = Callable[[str, str | Value], list[str]]
X = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("s/a/b/g", []),
        ("s/we/re/; /x/d; $!N; y/abc/rew/", []),
        ("1,5p\n/a\\/b/,$d", []),
        ("1e id", ["shell id"]),
        ("s/.*/id \\/x/e", ["shell id /x", "opaque unknown"]),
        ("r /x", ["reads /x"]),
        ("$!{N;w /x\n}", ["writes /x"]),
        ("s|a|b|gw /x", ["writes /x"]),
        ("a\\ text w /x", []),
    ],
)
def test_sed_commands(told: Told, code: str, found: list[str]) -> None:
    assert told("sed", code) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("%s/a/b/g | wq", []),
        ("set number", []),
        (":!id", ["shell id"]),
        ("silent! !id | x", ["shell id | x"]),
        ("r !id", ["shell id"]),
        ("1,5!sh", ["shell sh"]),
        ("bufdo !id", ["shell id"]),
        ("w! /x", ["writes /x"]),
        ("e /x", ["reads /x"]),
        ("source /x", ["executes /x"]),
        ("call system('id')", ["shell id"]),
        ("call writefile(['a'], '/x')", ["writes /x"]),
        ("execute '!id'", ["shell id"]),
        ("py3 import os; os.system('id')", ["shell id"]),
        ("set nu | !id", ["shell id"]),
    ],
)
def test_vim_commands(told: Told, code: str, found: list[str]) -> None:
    assert told("vim", code) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [("1,$p\nq", []), ("a\n!id\n.\n", []), ("!id", ["shell id"]), ("r !id", ["shell id"]), ("w /x", ["writes /x"])],
)
def test_ed_commands(told: Told, code: str, found: list[str]) -> None:
    assert told("ed", code) == found


def test_a_hole_in_a_file_name_stays_one(told: Told) -> None:
    assert told("sed", ("w /a/", X)) == ["writes /a/?"]
    assert told("vim", ("w /a/", X)) == ["writes /a/?"]
