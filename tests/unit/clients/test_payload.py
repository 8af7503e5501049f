"""Strict reading of JSON: what two readers could take differently is refused."""

import json

import pytest

from security_hooks.clients.payload import (
    DEEPEST_INPUT,
    MOST_STRINGS,
    MOST_VALUES,
    directory,
    input_strings,
    label,
    optional_text,
    read_object,
    required_object,
    required_text,
)
from security_hooks.model.event import InputString
from security_hooks.model.failure import CallError, Reason


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b" ",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b"[{}]",
        b"{",
        b"{}{}",
        b"{} x",
        b"\xef\xbb\xbf{}",
        b"\x00{}",
        b"\x0c{}",
        b"{}\x00",
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":"\n"}',
        b'{"a":"\x00"}',
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud8zz"}',
        b'{"a":"\\x41"}',
        b'{"a":' + b"1" * 5_000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_what_is_not_one_json_object_is_refused(payload: bytes) -> None:
    with pytest.raises(CallError) as caught:
        read_object(payload)
    assert caught.value.failure.reason is Reason.BAD_PAYLOAD


@pytest.mark.parametrize(
    "payload",
    [
        b'{"a":1,"a":1}',
        b'{"a":1,"b":2,"a":3}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":[{"b":1,"b":2}]}',
        b'{"a":1,"\\u0061":2}',
        b'{"a" : 1 , "a" :2}',
        b'{"\\ud800":1,"\\ud801":2}',
    ],
)
def test_the_same_key_twice_is_refused_wherever_it_is(payload: bytes) -> None:
    with pytest.raises(CallError, match="the same key twice"):
        read_object(payload)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\ud800", "\ufffd"),
        (r"\uDC00", "\ufffd"),
        (r"a\udfffb", "a\ufffdb"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\uD83D\uDE00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\\ude00", "\ufffd\\ude00"),
        (r"\\ud800", "\\ud800"),
        (r"\\\ud800", "\\\ufffd"),
        (r"\ud800\u0041", "\ufffdA"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\u0000", "\0"),
    ],
)
def test_a_lone_surrogate_reads_as_the_replacement_character(written: str, read: str) -> None:
    data = read_object(f'{{"k{written}":["{written}"],"plain":"{written}"}}'.encode())
    assert data == {f"k{read}": [read], "plain": read}


def test_large_text_is_read_whole() -> None:
    text = 'x,[{"\\\u00e9' * 600_000
    assert read_object(json.dumps({"a": text}).encode()) == {"a": text}


@pytest.mark.parametrize("value", ["{}", "[]", "0", '""'])
def test_a_flood_of_values_is_refused_before_it_is_built(value: str) -> None:
    flood = '{"a":[' + ",".join([value] * (MOST_VALUES + 2)) + "]}"
    with pytest.raises(CallError, match="values"):
        read_object(flood.encode())


def test_numbers_of_any_size_that_nobody_uses_do_no_harm() -> None:
    assert (
        read_object(b'{"a":1e999,"b":123456789012345678901234567890,"c":-0.0}')["b"] == 123456789012345678901234567890
    )


def test_text_is_checked_by_how_much_depends_on_it() -> None:
    data = read_object(b'{"text":"a","null":null,"number":1,"object":{},"list":[]}')
    assert required_text(data, "text") == optional_text(data, "text") == label(data, "text") == "a"
    assert optional_text(data, "null") is None
    assert optional_text(data, "absent") is None
    assert label(data, "number") is None
    assert required_object(data, "object") == {}
    for key in ("null", "number", "object", "list", "absent"):
        with pytest.raises(CallError):
            required_text(data, key)
    for key in ("number", "object", "list"):
        with pytest.raises(CallError):
            optional_text(data, key)
    for key in ("null", "number", "text", "list", "absent"):
        with pytest.raises(CallError):
            required_object(data, key)


@pytest.mark.parametrize("path", ["", ".", "home/dev", "~", "/a\\u0000b"])
def test_a_directory_is_absolute_or_refused(path: str) -> None:
    with pytest.raises(CallError, match="absolute"):
        directory(read_object(f'{{"cwd":"{path}"}}'.encode()), "cwd")


def test_a_directory_may_be_absent() -> None:
    assert directory({}, "cwd") is None
    assert directory({"cwd": None}, "cwd") is None
    assert directory({"cwd": "/home/dev"}, "cwd") == "/home/dev"


def test_every_string_and_key_of_an_input_has_its_pointer() -> None:
    given = read_object(b'{"a/b":["x",{"~":"y","n":1}],"c":"z","d":[],"e":null,"f":true}')
    assert input_strings(given) == (
        InputString("/a~1b/0", "x"),
        InputString("/a~1b/1/~0", "y"),
        InputString("/c", "z"),
        InputString("/a~1b/~key", "a/b"),
        InputString("/c/~key", "c"),
        InputString("/d/~key", "d"),
        InputString("/e/~key", "e"),
        InputString("/f/~key", "f"),
        InputString("/a~1b/1/~0/~key", "~"),
        InputString("/a~1b/1/n/~key", "n"),
    )


def test_too_many_strings_are_refused() -> None:
    assert len(input_strings({"a": ["x"] * (MOST_STRINGS - 1)})) == MOST_STRINGS
    with pytest.raises(CallError, match="strings"):
        input_strings({"a": ["x"] * MOST_STRINGS})
    with pytest.raises(CallError, match="strings"):
        input_strings({str(index): index for index in range(MOST_STRINGS + 1)})


def test_too_deep_an_input_is_refused() -> None:
    def nested(depth: int) -> object:
        return "x" if depth == 0 else [nested(depth - 1)]

    assert len(input_strings({"a": nested(DEEPEST_INPUT - 1)})) == 2
    with pytest.raises(CallError, match="levels"):
        input_strings({"a": nested(DEEPEST_INPUT)})
