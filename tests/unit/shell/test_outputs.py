import pytest

from security_hooks.model.shell import Redirect
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.outputs import known_output, without_last_newlines

HOLE = Hole(HoleKind.PARAMETER, "$X")


def _words(*literals: str) -> tuple[Word, ...]:
    return tuple(Word((text,) if text else (), (0, 0), text) for text in literals)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("echo", "a", "b"), "a b\n"),
        (("echo", "-n", "a"), "a"),
        (("echo",), "\n"),
        (("echo", "-e", "a"), None),
        (("echo", "a\\n"), None),
        (("printf", "%s-%s\\n", "a", "b", "c"), "a-b\nc-\n"),
        (("printf", "\\x72m"), "rm"),
        (("printf", "%d", "1"), None),
        (("printf", "%b", "\\162m"), "rm"),
        (("printf", "a%%"), "a%"),
        (("printf", "-v", "x"), None),
        (("true",), ""),
        (("date",), None),
        (("cat", "file"), None),
    ],
)
def test_outputs_that_the_words_tell(words: tuple[str, ...], expected: str | None) -> None:
    output = known_output(words[0], _words(*words), ())
    assert (None if output is None else "".join(map(str, output))) == expected


def test_a_printf_without_end_is_not_followed() -> None:
    assert known_output("printf", _words("printf", "%s", *["a"] * 1000), ()) is None


def test_holes_pass_through_echo_but_not_as_its_first_word() -> None:
    word = Word((HOLE,), (0, 0), None)
    assert known_output("echo", (*_words("echo", "a"), word), ()) == ("a", " ", HOLE, "\n")
    assert known_output("echo", (*_words("echo"), word), ()) is None


def test_cat_of_a_here_document_is_its_body() -> None:
    redirect = Redirect("<<", None, Word(("body\n",), (0, 0), "body\n"))
    assert known_output("cat", _words("cat"), (redirect,)) == ("body\n",)
    assert known_output("cat", _words("cat", "x"), (redirect,)) is None


def test_a_substitution_drops_the_last_newlines() -> None:
    assert without_last_newlines(("a\n", "b\n", "\n")) == ("a\n", "b")
    assert without_last_newlines(("\n",)) == ()
    assert without_last_newlines((HOLE, "\n")) == (HOLE,)
