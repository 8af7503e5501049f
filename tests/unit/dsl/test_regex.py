"""The RE2 seam: what is refused, where, and searching any text."""

import pytest

from security_hooks.dsl.regex import compile_pattern, encode, flaw_of, found_text


@pytest.mark.parametrize(
    ("pattern", "offset", "words"),
    [
        ("ab(?=c)", 2, "look-around"),
        ("a(?!c)", 1, "look-around"),
        ("(?<=c)a", 0, "look-around"),
        ("(?<!c)a", 0, "look-around"),
        (r"(a)\1", 3, "back-references"),
        ("(?P<n>a)(?P=n)", 8, "back-references"),
        ("(?<n>a)\\k<n>", 7, "back-references"),
        ("(?>a)", 0, "atomic"),
        ("ab*+", 2, "atomic"),
        ("(?(1)a)", 0, "conditional"),
        (r"[(?=]\(?=\Q(?=\E(?=", 16, "look-around"),
        ("a(b", 0, "missing )"),
        ("ab[c", 2, "missing ]"),
        ("*a", 0, "no argument"),
        ("\ud800", 0, "Unicode"),
        ("((((((x{100}){100}){100}", 0, "not valid"),
    ],
)
def test_flaws_are_told_with_their_place(pattern: str, offset: int, words: str) -> None:
    flaw = flaw_of(pattern)
    assert flaw is not None
    assert words in flaw.message
    assert flaw.offset == offset or "not valid" in words


@pytest.mark.parametrize(
    "pattern", ["a", r"\d+\.\w", "(?i)x", "(?P<n>x)", "[^]]", r"\Q(?=\E", r"[\](?=]", r"a\b", "é+"]
)
def test_sound_patterns_pass(pattern: str) -> None:
    assert flaw_of(pattern) is None


def test_a_pattern_with_too_large_a_program_is_refused() -> None:
    flaw = flaw_of("(?:" + r"\pL{200}" * 40 + ")" + "{5}")
    assert flaw is not None
    assert "too large" in flaw.message


@pytest.mark.parametrize("text", ["a\ud800b", "\udc00a\nb", "aé b", "a\0b"])
def test_any_text_can_be_searched(text: str) -> None:
    assert compile_pattern("(?s)a.*b").search(encode(text)) is not None


def test_found_text_is_cut_out_of_what_was_searched() -> None:
    assert found_text(compile_pattern("é.b"), "xxé bx") == "é b"
    assert found_text(compile_pattern("y"), "x") is None


def test_repetition_inside_repetition_takes_linear_time() -> None:
    assert compile_pattern("(a+)+$").search(encode("a" * 50_000 + "!")) is None
