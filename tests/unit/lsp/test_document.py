"""Offsets, places of the parser and positions of the protocol."""

import pytest

from security_hooks.lsp.document import Document, Encoding, Position, Span

ODD = "a\u00e9\U0001d11ez\r\nb\rc\n\n\u2028d\x0ce"


@pytest.mark.parametrize(("encoding", "character"), [(Encoding.UTF_8, 7), (Encoding.UTF_16, 4), (Encoding.UTF_32, 3)])
def test_a_character_counts_as_many_units_as_its_encoding_has(encoding: Encoding, character: int) -> None:
    document = Document("x", ODD)
    assert document.position_of(ODD.index("z"), encoding) == Position(0, character)
    assert document.offset_at(Position(0, character), encoding) == ODD.index("z")


@pytest.mark.parametrize("encoding", Encoding)
def test_every_offset_comes_back_from_its_position(encoding: Encoding) -> None:
    document = Document("x", ODD)
    for offset in range(len(ODD) + 1):
        # Between carriage return and newline there is no position of its own.
        expected = ODD.index("\r\n") if offset == ODD.index("\r\n") + 1 else offset
        assert document.offset_at(document.position_of(offset, encoding), encoding) == expected


def test_the_protocol_ends_lines_where_the_parser_does_not() -> None:
    document = Document("x", ODD)
    assert document.position_of(ODD.index("c"), Encoding.UTF_16) == Position(2, 0)
    assert document.line_at(ODD.index("c")) == 2
    assert document.position_of(ODD.index("d"), Encoding.UTF_16) == Position(4, 1)


@pytest.mark.parametrize(
    ("position", "offset"),
    [
        (Position(0, 99), 4),
        (Position(0, 3), 2),
        (Position(99, 0), len(ODD)),
        (Position(-1, 0), 0),
        (Position(3, 7), ODD.index("\n\n") + 1),
    ],
)
def test_a_position_that_is_none_is_the_nearest_before_it(position: Position, offset: int) -> None:
    assert Document("x", ODD).offset_at(position, Encoding.UTF_16) == offset


def test_a_byte_order_mark_stands_before_the_first_place() -> None:
    document = Document("x", "\ufeffblock\nx")
    assert document.offset_of(1, 1) == 1
    assert document.offset_of(2, 1) == 7
    assert Document("x", "\ufeff").line_span(1) == Span(1, 1)


@pytest.mark.parametrize(("line", "column", "offset"), [(0, 0, 0), (1, 99, 3), (9, 1, 4), (2, 2, 5)])
def test_a_place_that_is_none_is_the_nearest(line: int, column: int, offset: int) -> None:
    assert Document("x", "abc\nde").offset_of(line, column) == offset


def test_a_line_ends_before_its_carriage_return() -> None:
    assert Document("x", "ab\r\ncd").line_span(1) == Span(0, 2)
    assert Document("x", "\r\n").line_span(1) == Span(0, 0)
