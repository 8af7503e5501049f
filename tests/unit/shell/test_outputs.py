import pytest

from security_hooks.model.shell import Redirect
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.outputs import known_output, output_of, without_last_newlines
from security_hooks.shell.printed import Printed

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
        (("echo", "-", "a"), None),
        (("printf", "%s-%s\\n", "a", "b", "c"), "a-b\nc-\n"),
        (("printf", "\\x72m"), "rm"),
        (("printf", "%d", "1"), "1"),
        (("printf", "%d", "010"), None),
        (("printf", "--", "-x"), "-x"),
        (("printf", "%b", "\\162m"), "rm"),
        (("printf", "a%%"), "a%"),
        (("printf", "-v", "x"), None),
        (("true",), ""),
        (("date",), None),
        (("cat", "file"), None),
        (("seq", "3"), "1\n2\n3\n"),
        (("./echo", "a"), None),
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


def test_programs_are_known_where_they_are_usually_installed() -> None:
    assert known_output("printf", _words("/usr/bin/printf", "x"), ()) == ("x",)
    assert known_output("printf", _words("/opt/bin/printf", "x"), ()) is None


def test_what_shells_print_differently_is_not_relied_on() -> None:
    assert output_of("echo", _words("echo", "-e", "\\x72m"), ()) == Printed(("rm", "\n"), sure=False)
    assert output_of("echo", _words("echo", "a\\n"), ()) == Printed(("a\\n", "\n"), sure=False)
    unsure = Printed(("b\n",), sure=False)
    assert output_of("rev", _words("rev"), (), unsure) == Printed(b"b\n", sure=False)
    assert known_output("rev", _words("rev"), (), unsure) is None


def test_a_filter_reads_what_it_is_given_and_a_here_document_before_that() -> None:
    assert known_output("rev", _words("rev"), (), Printed(("ab\n",))) == ("ba\n",)
    here = Redirect("<<<", None, Word(("xy",), (0, 0), "xy"))
    assert known_output("rev", _words("rev"), (here,), Printed(("ab\n",))) == ("yx\n",)
    assert known_output("rev", _words("rev"), ()) is None


@pytest.mark.parametrize(
    ("operator", "descriptor", "target", "is_known"),
    [
        (">", 2, "/dev/null", True),
        (">&", 2, "1", True),
        (">", None, "f", False),
        ("<", None, "f", False),
        (">", 2, "f", False),
    ],
)
def test_only_redirections_that_leave_the_output_alone(
    operator: str, descriptor: int | None, target: str, is_known: bool
) -> None:
    redirect = Redirect(operator, descriptor, Word((target,), (0, 0), target))
    assert (known_output("rev", _words("rev"), (redirect,), Printed(("ab\n",))) is not None) is is_known


def test_holes_pass_through_cat_and_tee_only() -> None:
    given = Printed(("a", HOLE, "\n"))
    assert known_output("cat", _words("cat"), (), given) == given.value
    assert known_output("tee", _words("tee", "-a", "f"), (), given) == given.value
    assert known_output("rev", _words("rev"), (), given) is None


def test_an_endless_output_is_known_where_it_is_cut_off() -> None:
    endless = output_of("yes", _words("yes", "a", "b"), ())
    assert endless is not None and endless.endless
    assert known_output("yes", _words("yes"), ()) is None
    assert known_output("head", _words("head", "-n", "2"), (), endless) == ("a b\na b\n",)
    assert known_output("head", _words("head", "-n", "9999"), (), endless) is None
    assert known_output("tail", _words("tail", "-n", "2"), (), endless) is None


def test_no_filter_goes_through_a_long_text_or_many_lines() -> None:
    assert known_output("tr", _words("tr", "a", "b"), (), Printed(("a" * 70_000,))) is None
    assert known_output("sed", _words("sed", "s/a/b/"), (), Printed(("a\n" * 5000,))) is None
