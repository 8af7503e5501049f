"""Globs against words with holes, held to what filling the holes by brute force says."""

import fnmatch
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.dsl.globs import globs, is_literal
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import word_globs
from security_hooks.model.word import Hole, HoleKind, Word

ALPHABET = "ab/"
FILLINGS = ["".join(letters) for length in range(4) for letters in product("ab/z", repeat=length)]

glob_pieces = st.sampled_from(["a", "b", "/", "*", "?", "[ab]", "[!a]", "[a-b]"])
glob_texts = st.lists(glob_pieces, max_size=6).map("".join)
# No longer than the longest filling, so that what matches is among the fillings.
short_globs = st.lists(glob_pieces, max_size=3).map("".join)
literals = st.text(ALPHABET, max_size=3)
holes = st.sampled_from([Hole(HoleKind.PARAMETER, "$X"), Hole(HoleKind.GLOB, "*")])
words = st.lists(literals | holes, max_size=4).filter(lambda parts: sum(isinstance(part, Hole) for part in parts) <= 2)


def word(parts: list[str | Hole]) -> Word:
    known = all(isinstance(part, str) for part in parts)
    literal = "".join(part for part in parts if isinstance(part, str)) if known else None
    return Word(tuple(parts), (0, 0), literal)


def fillings(parts: list[str | Hole]) -> set[str]:
    choices = []
    for part in parts:
        if isinstance(part, str):
            choices.append([part])
        elif part.kind is HoleKind.GLOB:
            choices.append([text for text in FILLINGS if "/" not in text])
        else:
            choices.append(FILLINGS)
    return {"".join(texts) for texts in product(*choices)}


@given(glob_texts, words)
def test_answer_holds_for_every_filling(glob: str, parts: list[str | Hole]) -> None:
    truth = word_globs([glob]).match(word(parts))
    known = globs([glob])
    outcomes = {known.match(text) for text in fillings(parts)}
    if truth is Truth.YES:
        assert outcomes == {True}
    elif truth is Truth.NO:
        assert outcomes == {False}


@given(short_globs, st.lists(literals | holes, max_size=2))
def test_unknown_is_said_only_where_some_filling_matches(glob: str, parts: list[str | Hole]) -> None:
    if word_globs([glob]).match(word(parts)) is Truth.UNKNOWN:
        known = globs([glob])
        assert any(known.match(text) for text in fillings(parts))


@given(glob_texts, st.text("ab/z\n", max_size=8))
def test_globs_mean_what_fnmatch_means(glob: str, text: str) -> None:
    assert globs([glob]).match(text) == fnmatch.fnmatchcase(text, glob)


@given(st.text("ab*?[]!-", max_size=6), st.text("ab*?[]!-", max_size=6))
def test_automaton_and_pattern_agree_on_known_text(glob: str, text: str) -> None:
    known = globs([glob]).match(text)
    assert word_globs([glob]).match_parts((text,)) is (Truth.YES if known else Truth.NO)
    assert not is_literal(glob) or known == (glob == text)


@given(st.text("ab*?", max_size=5), st.text("ab/", max_size=6))
def test_anywhere_is_a_star_on_both_sides(glob: str, text: str) -> None:
    assert globs([glob], anywhere=True).match(text) == globs([f"*{glob}*"]).match(text)


@given(glob_texts, literals, literals)
def test_long_parts_are_judged_soundly(glob: str, head: str, tail: str) -> None:
    text = head + "a" * 5_000 + tail
    truth = word_globs([glob]).match_parts((text,))
    known = globs([glob]).match(text)
    assert truth is Truth.UNKNOWN or known == (truth is Truth.YES)
