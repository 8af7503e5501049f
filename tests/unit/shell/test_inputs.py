import pytest

from security_hooks.shell.inputs import fields_of


@pytest.mark.parametrize(
    ("line", "separators", "most", "fields"),
    [
        ("  a  b c ", " \t\n", 0, ["a", "b", "c"]),
        ("  a  b c ", " \t\n", 2, ["a", "b c"]),
        ("a:b:c", ":", 2, ["a", "b:c"]),
        ("a::b", ":", 0, ["a", "", "b"]),
        ("a:b:", ":", 2, ["a", "b"]),
        ("a : b", " :", 0, ["a", "b"]),
        ("a b", "", 1, ["a b"]),
        ("", ":", 1, []),
    ],
)
def test_a_line_is_split_as_read_splits_it(line: str, separators: str, most: int, fields: list[str]) -> None:
    assert fields_of(line, separators, most) == fields
