import pytest

from security_hooks.catalogue.entry import Argument, CommandSpec, Option
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.options import Reading
from security_hooks.shell.state import Value
from security_hooks.shell.supplied import ALL_BELOW, SOME_BELOW, batches, below, words_of_input

HOLE = Hole(HoleKind.OTHER, "?")


def _reading(**values: str) -> Reading:
    reading = Reading(CommandSpec("find", narrows=frozenset(("-name",))))
    for name, value in values.items():
        reading.add(Option((f"-{name}",), Argument.REQUIRED), Word((value,), (0, 0), value))
    return reading


@pytest.mark.parametrize(
    ("text", "reading", "by_line", "words"),
    [
        (("a b\tc\n",), _reading(), False, [("a",), ("b",), ("c",)]),
        (("a b\nc\n",), _reading(), True, [("a b",), ("c",)]),
        (("'a b' c\\ d\n",), _reading(), False, [("a b",), ("c d",)]),
        (("'a b\n",), _reading(), False, []),
        (("a,b",), _reading(d=","), False, [("a",), ("b",)]),
        (("a b\nc",), _reading(d="\\n"), False, [("a b",), ("c",)]),
        (("a b", HOLE, "c d"), _reading(), False, [("a",), ("b", HOLE, "c"), ("d",)]),
        (("a b",), _reading(a="list"), False, []),
    ],
)
def test_input_is_split_as_the_options_say(text: Value, reading: Reading, by_line: bool, words: list[Value]) -> None:
    assert [word.parts for word in words_of_input(text, reading, (0, 0), by_line=by_line)] == words


def test_one_word_a_call_makes_calls_of_one_word() -> None:
    words = [Word((name,), (0, 0), name) for name in ("a", "b")]
    assert batches(words, _reading()) == [tuple(words)]
    assert batches(words, _reading(n="1")) == [(words[0],), (words[1],)]
    assert batches(words, _reading(n="2"))[0] == tuple(words)


def test_what_a_search_chooses_is_not_all_that_is_below() -> None:
    assert below(Reading(None, narrowed=True)) == SOME_BELOW
    assert below(Reading(None, known=False)) == SOME_BELOW
    assert below(Reading(None)) == ALL_BELOW
