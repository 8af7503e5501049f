"""`looks_read_only`: what the words of a program say that nobody knows."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.action import Action

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


@pytest.mark.parametrize(
    ("script", "truth"),
    [
        ("foo list", YES),
        ("foo apps list", YES),
        ("foo feature-flags list --json", YES),
        ("foo policies list", YES),
        ("foo apps:info web", YES),
        ("foo show web-1", YES),
        ("foo describe pod web-1", YES),
        ("foo get pods -n web", YES),
        ("foo status", YES),
        ("foo list --limit 5 --output=json", YES),
        ("foo list -o json", YES),
        ("foo --version", YES),
        ("foo -h", YES),
        ("foo help", YES),
        ("foo help deploy", YES),
        ("foo deploy --help", YES),
        ("foo", NO),
        ("foo x", NO),
        ("foo get x", NO),
        ("foo widgets delete x", NO),
        ("foo run list", NO),
        ("foo run help", NO),
        ("foo frobnicate list", NO),
        ("foo logs clear", NO),
        ("foo status set ok", NO),
        ("foo list add x", NO),
        ("foo show x delete", NO),
        ("foo tokens list", NO),
        ("foo show api-key", NO),
        ("foo secrets:list", NO),
        ("foo delete x --help", UNKNOWN),
        ("foo delete --help", UNKNOWN),
        ("foo list --output report", UNKNOWN),
        ("foo list --output=.bashrc", UNKNOWN),
        ("foo list -c x", UNKNOWN),
        ("foo list --limit", UNKNOWN),
        ("foo list --exec=id", UNKNOWN),
        ("foo show ../x", UNKNOWN),
        ("foo show ~/.ssh/id_rsa", UNKNOWN),
        ("foo show .env", UNKNOWN),
        ("foo list https://h.example", UNKNOWN),
        ("foo list x=y", UNKNOWN),
        ("foo list $X", UNKNOWN),
        ('foo show "$X"', UNKNOWN),
        ("$X list", UNKNOWN),
        ("./foo list", UNKNOWN),
        ("/opt/foo list", UNKNOWN),
        ("sudo foo list", UNKNOWN),
    ],
)
def test_only_plain_words_that_say_so_look_read_only(build: SimpleNamespace, script: str, truth: Truth) -> None:
    (facts,) = build.facts(script)
    assert build.ask("looks_read_only()", facts) is truth


def test_a_program_that_is_known_never_does(build: SimpleNamespace) -> None:
    (facts,) = build.facts("foo list", is_known=True)
    assert build.ask("looks_read_only()", facts) is NO
    (facts,) = build.facts("foo list", action=Action.BUILD)
    assert build.ask("looks_read_only()", facts) is NO


def test_a_program_that_may_be_more_is_not_known_to(build: SimpleNamespace) -> None:
    (facts,) = build.facts("foo list", may_be=(Action.BUILD,))
    assert build.ask("looks_read_only()", facts) is UNKNOWN
