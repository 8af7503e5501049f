import pytest

from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.printed import MOST_BYTES, Printed, bytes_of, sure_text_of, text_of

HOLE = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((), b""),
        (("a", "\u00e9"), b"a\xc3\xa9"),
        (("a", HOLE), None),
        (("\ud800",), None),
        (b"\0", b"\0"),
        (("a" * (MOST_BYTES + 1),), None),
    ],
)
def test_what_a_filter_reads(value: tuple[str | Hole, ...] | bytes, expected: bytes | None) -> None:
    assert bytes_of(Printed(value)) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (None, None),
        (Printed(b""), ()),
        (Printed(b"rm"), ("rm",)),
        (Printed(b"\xc3\xa9"), ("\u00e9",)),
        (Printed(b"\xff"), None),
        (Printed(b"a\0b"), None),
        (Printed(("a", HOLE)), ("a", HOLE)),
        (Printed(b"y\n", endless=True), None),
    ],
)
def test_what_is_text(printed: Printed | None, expected: tuple[str | Hole, ...] | None) -> None:
    assert text_of(printed) == expected


def test_what_is_not_sure_is_text_but_not_relied_on() -> None:
    assert text_of(Printed(b"a", sure=False)) == ("a",)
    assert sure_text_of(Printed(b"a", sure=False)) is None
