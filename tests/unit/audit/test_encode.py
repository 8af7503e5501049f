import json
import shutil
import subprocess

import pytest

from security_hooks.audit.encode import (
    LARGEST_INTEGER,
    canonical,
    is_plain,
    plain,
    timestamp,
    unix_nanoseconds,
    well_formed,
)
from security_hooks.model.record import Json


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ({}, b"{}"),
        ({"b": 1, "a": [True, None, -5], "B": "x"}, b'{"B":"x","a":[true,null,-5],"b":1}'),
        ({"nested": {"z": 1, "y": {"b": 2, "a": 3}}}, b'{"nested":{"y":{"a":3,"b":2},"z":1}}'),
        ('"\\/\b\t\n\f\r', b'"\\"\\\\/\\b\\t\\n\\f\\r"'),
        ("\x00\x1f\x7f", b'"\\u0000\\u001f\\u007f"'),
        ("é☕🎉", b'"\\u00e9\\u2615\\ud83c\\udf89"'),
        ({"é": 1, "z": 2, "🎉": 3, "\uffff": 4}, b'{"z":2,"\\u00e9":1,"\\uffff":4,"\\ud83c\\udf89":3}'),
        (LARGEST_INTEGER, b"9007199254740991"),
    ],
)
def test_exact_bytes(value: Json, encoded: bytes) -> None:
    assert canonical(value) == encoded
    assert json.loads(encoded) == value


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (LARGEST_INTEGER + 1, "9007199254740992"),
        (-LARGEST_INTEGER - 1, "-9007199254740992"),
        (True, True),
        ("a\ud800b", "a\ufffdb"),
        ({"\udfff": [1e300]}, {"\ufffd": ["1e+300"]}),
    ],
)
def test_plain_leaves_nothing_that_readers_disagree_about(value: Json, result: Json) -> None:
    assert plain(value) == result
    assert is_plain(plain(value))


def test_an_integer_of_any_size_has_a_plain_form() -> None:
    assert str(plain(1 << 40_000)).startswith("0x1000")


def test_deep_nesting_is_cut_and_named() -> None:
    value: Json = "bottom"
    for _ in range(10_000):
        value = [value]
    shown = canonical(plain(value)).decode()
    assert shown == "[" * 64 + '"[CUT:depth]"' + "]" * 64


@pytest.mark.parametrize("value", [0.5, [1, [2.0]], {"a": {"b": 1 << 60}}, [0] * 30_000])
def test_is_plain_says_no_when_it_is_not_sure(value: Json) -> None:
    assert not is_plain(value)


def test_well_formed_keeps_the_length() -> None:
    assert well_formed("\ud83d \ude00 é") == "\ufffd \ufffd é"


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1_795_262_400_000_000_001, "2026-11-21T12:00:00.000000001Z"),
        (1_795_262_400_999_999_999, "2026-11-21T12:00:00.999999999Z"),
    ],
)
def test_timestamp_is_rfc_3339_with_nine_digits(nanoseconds: int, text: str) -> None:
    assert timestamp(nanoseconds) == text
    assert unix_nanoseconds(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("2026-11-21T12:00:07Z", 7_000_000_000), ("2026-11-21T12:00:07.5Z", 7_500_000_000)],
)
def test_times_with_fewer_digits_are_read_too(text: str, nanoseconds: int) -> None:
    assert unix_nanoseconds(text) == 1_795_262_400_000_000_000 + nanoseconds


@pytest.mark.parametrize("text", ["", "now", "2026-11-21", "2026-11-21T12:00Z", "2026-13-21T12:00:00Z", "x" * 30])
def test_what_is_no_time_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        unix_nanoseconds(text)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_jq_prints_the_same_bytes() -> None:
    value: Json = {
        "text": 'é☕🎉\x00\x1b\x7f\u2028"\\/\n',
        "é": {"b": [1, -2, None, True], "a": LARGEST_INTEGER},
        "z": "",
    }
    done = subprocess.run(["jq", "-caS", "."], input=canonical(value), capture_output=True, check=True, timeout=20)
    assert done.stdout == canonical(value) + b"\n"
