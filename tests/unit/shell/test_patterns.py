import pytest

from security_hooks.model.event import Place
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.patterns import Pattern, compile_pattern
from security_hooks.shell.state import State

STATE = State(Place(cwd="/w", home="/home/me"), Budget(ShellLimits()))


def compiled(text: str) -> Pattern:
    pattern = compile_pattern([(text, False)], STATE)
    assert pattern is not None
    return pattern


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*c", "abc", True),
        ("a*c", "ab", False),
        ("?", "", False),
        ("*", "", True),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[]]", "]", True),
        ("[[:digit:]]*", "7k", True),
        ("[a", "[a", True),
        ("a-b", "a-b", True),
        ("*a*b*", "xxaxxb", True),
    ],
)
def test_a_pattern_matches_the_whole_text_or_not(pattern: str, text: str, matches: bool) -> None:
    assert compiled(pattern).matches(text) is matches


def test_quoted_characters_stand_for_themselves() -> None:
    pattern = compile_pattern([("a", False), ("*", True)], STATE)
    assert pattern is not None
    assert pattern.literal == "a*"


def test_all_ends_and_beginnings_are_found_in_order() -> None:
    assert compiled("*a").ends("xaya") == [2, 4]
    assert compiled("a*").starts("xaya") == [3, 1]


@pytest.mark.parametrize("text", ["é*", "[[=a=]]", "[z-a]", "+(a)", "\\*"])
def test_what_is_not_sure_is_no_pattern(text: str) -> None:
    assert compile_pattern([(text, False)], STATE) is None


def test_many_stars_cost_no_more_than_one() -> None:
    assert not compiled("*a" * 100 + "b").matches("a" * 4000)
