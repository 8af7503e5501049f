import pytest

from security_hooks.wiring.json_text import DEPTH, Edit, TextError, applied, parse, put_in, take_out


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 0, "ends too early"),
        ("\ufeff{}", 0, "byte order mark"),
        ('{"a": 1, "a": 2}', 9, "there twice"),
        ('{"a": 1,}', 8, "a string was expected"),
        ("[1,]", 3, "a value was expected"),
        ("{} x", 3, "text after"),
        ('{"a" 1}', 5, "`:` was expected"),
        ('{"a": 1 "b": 2}', 8, "`,` or `}` was expected"),
        ("[1 2]", 3, "`,` or `]` was expected"),
        ('{"a": NaN}', 6, "a value was expected"),
        ('{"a": 01}', 6, "a value was expected"),
        ('"a\nb"', 0, "a string was expected"),
        ('"\\q"', 0, "an escape that is none"),
        ("[" * (DEPTH + 2), DEPTH + 1, "nested deeper"),
        ("1" * 5000, 0, "too many digits"),
        ("// c\n{}", 0, "a value was expected"),
        ("{'a': 1}", 1, "a string was expected"),
    ],
)
def test_what_a_client_would_not_read_is_refused_with_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(TextError, match=says) as caught:
        parse(text, comments=False)
    assert caught.value.at == at


def test_comments_are_read_over_where_the_client_reads_over_them() -> None:
    root = parse('// a\n{ /* b */ "x" // c\n : [1, /* d */ 2] }\n// e', comments=True)
    assert root.value == {"x": [1, 2]}
    with pytest.raises(TextError):
        parse("/* never closed {}", comments=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{}", '{\n  "new": 1\n}'),
        ('{"a": 1}', '{"a": 1,\n  "new": 1\n}'),
        ('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"new": 1\n}'),
        ('{\r\n    "a": 1\r\n}', '{\r\n    "a": 1,\r\n    "new": 1\r\n}'),
        ("{ // why\n}", '{ // why\n  "new": 1\n}'),
        ('{\n  "a": 1 // why\n}', '{\n  "a": 1,\n  "new": 1 // why\n}'),
    ],
)
def test_a_member_goes_behind_the_others_in_the_layout_of_the_file(text: str, wanted: str) -> None:
    root = parse(text, comments=True)
    made = applied(text, [put_in(text, root, root, [("new", 1)])])
    assert made == wanted
    assert parse(made, comments=True).value == {**dict(root.value or {}), "new": 1}  # type: ignore[arg-type] # an object


@pytest.mark.parametrize(
    ("gone", "wanted"),
    [
        ([True, False, False], "[2, 3]"),
        ([False, True, False], "[1, 3]"),
        ([False, False, True], "[1, 2]"),
        ([True, True, False], "[3]"),
        ([False, True, True], "[1]"),
        ([True, False, True], "[2]"),
        ([False, False, False], "[1, 2, 3]"),
    ],
)
def test_an_element_goes_with_its_comma(gone: list[bool], wanted: str) -> None:
    text = "[1, 2, 3]"
    assert applied(text, take_out(parse(text, comments=False), gone)) == wanted


def test_edits_are_made_wherever_they_come_in_the_list() -> None:
    assert applied("abc", [Edit(0, 1, "x"), Edit(2, 3, "z"), Edit(1, 1, "-")]) == "x-bz"
