"""Rows as columns."""

from security_hooks.cli.table import table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert list(table([("a", "b", ""), ("long", "", "c")])) == ["a     b", "long     c"]
    assert list(table([])) == []
