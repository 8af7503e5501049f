"""Pins as strings: one for each pin, and nothing else is one."""

import pytest

from security_hooks.model.server import Pin, decode_pin, encode_pin


def test_a_pin_comes_back_and_has_one_string() -> None:
    pin = Pin("files", "npx", ("-y", "x"), env=("B", "A", "B"))
    same = Pin("files", "npx", ("-y", "x"), env=("A", "B"))
    assert encode_pin(pin) == encode_pin(same)
    assert decode_pin(encode_pin(pin)) == same


@pytest.mark.parametrize("text", ["", "files", "{}", '{"name": 1}', "[]", '{"name": "x", "args": "y"}'])
def test_what_is_no_pin_is_none(text: str) -> None:
    assert decode_pin(text) is None
