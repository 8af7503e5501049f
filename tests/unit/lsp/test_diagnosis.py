"""What is underlined, and the edits that mend it."""

from collections.abc import Callable

import pytest

from security_hooks.lsp.answers import Answers
from security_hooks.lsp.document import Span
from security_hooks.lsp.surroundings import with_text
from security_hooks.policy.build import BuildCache

Asked = Callable[..., Answers]
WHOLE = Span(0, 10_000)


@pytest.mark.parametrize(
    ("text", "code", "underlined"),
    [
        ('block "x"\n  match comand("rm")\n  nudge "n"', "unknown-name", "comand"),
        ('block "x"\n  match command("rm"\n  nudge "n"', "syntax", '"'),
        ('block "é𝄞"\n  match action("git_discrd")\n  nudge "n"', "bad-argument", '"git_discrd"'),
        ('block "x"\n  match command("rm")', "no-nudge", 'block "x"'),
        ('block "x"\n  nudge "n"', "no-match", 'block "x"'),
        ('block "x"\n  match command("rm")\n  nudge "a \u200b"', "character", "\u200b"),
    ],
)
def test_a_finding_underlines_what_it_is_about(asked: Asked, text: str, code: str, underlined: str) -> None:
    answers = asked(text)
    found = [one for one in answers.underlined(answers.problems(BuildCache(), 0)) if one.finding.code == code]
    assert [text[one.span.start : one.span.end] for one in found] == [underlined]


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        ('block "x"\n  match comand("rm")\n', 'block "x"\n  match command("rm")\n'),
        ('block "x"\n  match action("git_discrd")\n', 'block "x"\n  match action("git_discard")\n'),
        ('block "x"\n  match command(toolz)\n', 'block "x"\n  match command(tools)\n'),
        ('blok "x"\n  match command("a")\n', 'block "x"\n  match command("a")\n'),
        ('block "x"\n  match command("a")\n  severty high\n', 'block "x"\n  match command("a")\n  severity high\n'),
        ('block "x"\n  match command("a")\n  severity hgh\n', 'block "x"\n  match command("a")\n  severity high\n'),
        (
            'block "x"\n  match command("a")\n  nudge "\\"{pth}"\n',
            'block "x"\n  match command("a")\n  nudge "\\"{path}"\n',
        ),
        (
            'except "x"\n  for "shiped-rule"\n  match command("a")\n  reason "r"\n',
            'except "x"\n  for "shipped-rule"\n  match command("a")\n  reason "r"\n',
        ),
    ],
)
def test_what_was_meant_is_one_edit_away(asked: Asked, wrong: str, mended: str) -> None:
    answers = asked(wrong)
    (fix,) = answers.fixes(answers.problems(BuildCache(), 0), WHOLE)
    assert wrong[: fix.span.start] + fix.text + wrong[fix.span.end :] == mended


def test_a_word_that_stands_elsewhere_is_not_edited(asked: Asked) -> None:
    answers = asked('list l = "git_discrd"\nblock "x"\n  match action(l)\n  nudge "n"\n')
    problems = answers.problems(BuildCache(), 0)
    assert any("did you mean" in problem.hint for problem in problems)
    assert list(answers.fixes(problems, WHOLE)) == []


def test_edits_are_those_of_the_place_that_is_asked_about(asked: Asked) -> None:
    answers = asked('block "x"\n  match comand("rm")\n')
    assert list(answers.fixes(answers.problems(BuildCache(), 0), Span(0, 3))) == []


def test_an_error_in_another_file_is_told(asked: Asked) -> None:
    answers = asked('block "x"\n  match command("a")\n  nudge "n"\n')
    sources = with_text(answers.sources, "/config/rules/other.rules", "user", "blok\n")
    broken = Answers(sources, answers.file, answers.text, answers.encoding, answers.cache, answers.shipped)
    (found,) = broken.underlined(broken.problems(BuildCache(), 0))
    assert found.finding.code == "elsewhere"
    assert "/config/rules/other.rules:1" in found.finding.message
