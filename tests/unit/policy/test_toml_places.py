"""Positions of keys and array elements, in every spelling that TOML has."""

import pytest

from security_hooks.policy.toml_places import KeyPath, places


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("a = 1", ("a",), (1, 1)),
        ("# a = 1\n\n  a = 1", ("a",), (3, 3)),
        ("[t] # [x]\nb = 'x' # c = 1\nc = 2", ("t", "c"), (3, 1)),
        ("[t]\nb = 1", ("t",), (1, 2)),
        ("[ t . 'u v' ]\nb = 1", ("t", "u v", "b"), (2, 1)),
        ("a . b.c = 1", ("a", "b", "c"), (1, 1)),
        ("a . b.c = 1", ("a", "b"), (1, 1)),
        ('"a\\u0062" = 1', ("ab",), (1, 1)),
        ("a = { b = 1, c.d = [2] }", ("a", "c", "d", 0), (1, 21)),
        ("a = [1, [2, 3], {b = 4}]", ("a", 1, 1), (1, 13)),
        ("a = [1, [2, 3], {b = 4}]", ("a", 2, "b"), (1, 18)),
        ("a = [\n  'x', # ]\n  'y',\n]\nb = 1", ("a", 1), (3, 3)),
        ("a = [\n  'x', # ]\n  'y',\n]\nb = 1", ("b",), (5, 1)),
        ('a = "x\\"] = "\nb = 1', ("b",), (2, 1)),
        ("a = '''x'\n''b = 2'''''\nb = 1", ("b",), (3, 1)),
        ('a = """\nb = 2\\""" ""\n"""\nb = 1', ("b",), (4, 1)),
        ("[[t]]\na = 1\n[[t]]\na = 2", ("t", 1, "a"), (4, 1)),
        ("a = 1\r\nb = 2", ("b",), (2, 1)),
        ("ä = 1\n'ö' = 2", ("ö",), (2, 1)),
        ("a = 1979-05-27 07:32:00\nb = 1", ("b",), (2, 1)),
    ],
)
def test_place_of_a_key(text: str, path: KeyPath, expected: tuple[int, int]) -> None:
    assert places(text)[path] == expected
