import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.policy.grant_words import WHATS, Kind, Verb, Wish, is_unsafe, read_wish, seconds_of, usage


@pytest.mark.parametrize(
    ("line", "phrase", "seconds", "session"),
    [
        ("allow push", "allow push", None, False),
        ("allow push 10m", "allow push", 600, False),
        ("Allow Push for 2 hours", "allow push", 7200, False),
        ("allow push for this session", "allow push", None, True),
        ("allow force push 90s", "allow force-push", 90, False),
        ("forbid force-push", "forbid force-push", None, False),
        ("forbid writes to migrations/", "forbid writes to migrations/", None, False),
        ("forbid writes in migrations/ 5m", "forbid writes to migrations/", 300, False),
        ("allow writing src 5 min", "allow writes to src", 300, False),
        ('allow reads of "my notes" 10m', "allow reads to my notes", 600, False),
        ("allow writes 10m", "allow writes", 600, False),
        ("allow network", "allow network", None, False),
        ("allow network to api.example 1h", "allow network to api.example", 3600, False),
        ("allow network 10m", "allow network", 600, False),
        ("allow uploads to e.example", "allow uploads to e.example", None, False),
        ("allow install of left-pad", "allow install left-pad", None, False),
        ("allow publish", "allow publish", None, False),
        ('allow commands "npm publish" 10m', "allow commands 'npm publish'", 600, False),
        ('forbid command "npm publish"', "forbid commands 'npm publish'", None, False),
        ("allow rule outside-deletion", "allow rule outside-deletion", None, False),
        ("forbid discard", "forbid discard", None, False),
    ],
)
def test_what_is_understood(line: str, phrase: str, seconds: int | None, session: bool) -> None:
    wish = read_wish(line)
    assert isinstance(wish, Wish)
    assert (wish.phrase, wish.seconds, wish.session) == (phrase, seconds, session)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "say `allow` or `forbid`"),
        ("allow", "say `allow` or `forbid`"),
        ("please allow push", "say `allow` or `forbid`"),
        ("allow everything", "`everything` is not a word"),
        ("allow push to main", "is no duration"),
        ("allow push maybe", "is no duration"),
        ("allow push 0m", "is no duration"),
        ("allow push for", "how long"),
        ("allow reads", "needs PATH"),
        ("allow writes to", "needs PATH"),
        ("allow uploads", "needs HOST"),
        ("allow commands", 'needs "COMMAND"'),
        ("forbid rule x", "can only be allowed"),
        ("allow writes to a{b", "characters"),
        ("allow writes to a\\b", "characters"),
        ("allow writes to " + "x" * 300, "too long"),
    ],
)
def test_what_is_not_understood_is_said_and_never_guessed_at(line: str, why: str) -> None:
    told = read_wish(line)
    assert isinstance(told, str)
    assert why in told


def test_whoever_is_not_understood_is_told_what_is() -> None:
    assert all(what.word in usage() for what in WHATS)
    assert usage() in str(read_wish("allow everything"))


@given(st.text(max_size=80))
def test_any_line_is_a_wish_or_a_sentence(line: str) -> None:
    for text in (line, "allow " + line, "forbid writes to " + line):
        wish = read_wish(text)
        assert isinstance(wish, str) or not is_unsafe(wish.argument)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("10 minutes", 600), ("0m", None), ("m", None), ("1d", None)],
)
def test_durations(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


def test_the_table_can_be_told_to_the_rules() -> None:
    for what in WHATS:
        assert what.kind is Kind.COMMAND or what.allow
        assert Wish(Verb.ALLOW, what, "x", None, False).phrase.startswith(f"allow {what.word}")
