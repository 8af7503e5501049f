"""What is offered. In the texts, `|` is the place."""

from collections.abc import Callable

import pytest

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.lsp.answers import Answers
from security_hooks.lsp.completion import MOST_OFFERED, Offers

Asked = Callable[..., Answers]


def offered(asked: Asked, text: str) -> Offers:
    offset = text.index("|")
    answers = asked(text.replace("|", "", 1))
    return answers.complete(answers.position_of(offset))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blo|", ["block"]),
        ("li|", ["list"]),
        ("unless_base|", ["unless_base_command_not_in"]),
        ("  match base|", ["base_command_not_in("]),
        ("  match not (obf|", ["obfuscated()"]),
        ("  match forc|", ["forced()"]),
        ("  match reads(too|", ["tools"]),
        ('  match command("systemct|")', ["systemctl"]),
        ("  match action(git_disc|)", ['"git_discard"']),
        ('  match action("git_disc|', ["git_discard"]),
        ('  match reads("<out|")', ["<outside>"]),
        ('  match inside("fun|")', ["function"]),
        ('  match flow("sens|', ["sensitive"]),
        ('  match client("co|', ["codex-cli"]),
        ('  match command("git") subcommand("remote ad|")', ["remote add"]),
        ('  match with_flags("--force-w|") command("git") subcommand("push")', ["--force-with-lease"]),
        ("  match_base_command_not_in allowed|", ["allowed_executables"]),
        ("  severity cri|", ["critical"]),
        ("  unknown |", ["ask", "pass"]),
        ("  example |", ["stop", "pass"]),
        ('  for "shipped-|', ["shipped-rule"]),
        ("  for shipped-|", ['"shipped-rule"']),
        ('  client "cla|', ["claude-code"]),
        ("  on web_|", ['"web_search"']),
        ("  tags frob|", ['"frobbing"']),
        ('  nudge "see {pa|"', ["path}"]),
        ('  nudge "see {pa|}"', ["path"]),
        ('  nudge "see {{pa|"', []),
        ("list more = too|", ["tools"]),
        ("  match ^rm |", []),
        ("# bl|", []),
        ('block "|', []),
    ],
)
def test_what_can_stand_there_is_offered(asked: Asked, text: str, expected: list[str]) -> None:
    assert [offer.text for offer in offered(asked, text).offers] == expected


def test_clauses_are_those_that_the_tier_takes_and_the_rule_has_not(asked: Asked) -> None:
    labels = {offer.label for offer in offered(asked, 'watch "x"\n  nudge "n"\n  match a()\n  |').offers}
    assert {"match", "unless", "unknown", "severity", "example", "block", "list"} <= labels
    assert labels.isdisjoint({"nudge", "for", "until", "reason"})
    labels = {offer.label for offer in offered(asked, 'except "x"\n  |').offers}
    assert {"for", "until", "reason"} <= labels
    assert labels.isdisjoint({"nudge", "unknown"})


def test_a_watch_rule_is_not_offered_to_ask(asked: Asked) -> None:
    assert [offer.text for offer in offered(asked, 'watch "x"\n  unknown |').offers] == ["pass"]


def test_all_predicates_are_offered_with_their_pages(asked: Asked) -> None:
    offers = {offer.label: offer for offer in offered(asked, "  match |").offers}
    for predicate in PREDICATES:
        assert offers[predicate.name].markdown


def test_a_long_list_is_cut_and_says_so(asked: Asked) -> None:
    found = offered(asked, '  match command("|")')
    assert len(found.offers) == MOST_OFFERED
    assert not found.whole
    assert offered(asked, '  match command("systemc|")').whole


def test_the_whole_word_is_replaced(asked: Asked) -> None:
    text = '  match command("sys|temctl")'
    found = offered(asked, text)
    assert text.replace("|", "")[found.span.start : found.span.end] == "systemctl"
