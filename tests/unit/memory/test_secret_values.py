import pickle
import random
import string

import pytest

from security_hooks.memory.secret_candidates import Candidate
from security_hooks.memory.secret_values import LARGEST, SecretValues

RANDOM = "q7Rk2mXw9ZtL4vBn8HsJ5dGcP3"
OTHER = "M1nB8vC3xZ6lK9jH4gF7dS2aQ5"
CHOSEN = "Kx9-vva!12mnQQ"


def table(*values: str, most: int = 100, lifetime: float = 60.0, is_strong: bool = True) -> SecretValues:
    known = SecretValues(b"k" * 32, most, lifetime)
    for value in values:
        assert known.learn(Candidate(value, "secret", is_strong=is_strong), "`Bash`", None, 0.0)
    return known


def whole(known: SecretValues, *texts: str) -> bool:
    return any(found.is_whole for found in known.find(texts))


@pytest.mark.parametrize(
    "text",
    [
        RANDOM,
        f"curl -d x={RANDOM}&y=1",
        RANDOM[::-1],
        f'"{RANDOM[:9]}" + "{RANDOM[9:18]}" + "{RANDOM[18:]}"',
        RANDOM[5:22],
    ]
    + [
        f"{RANDOM[:9]}.{RANDOM[9:]}.e.example",
        f"A={RANDOM[:12]}; B={RANDOM[12:]}; send $A$B",
        "x" * 9_000 + RANDOM + "y" * 9_000,
    ],
)
def test_a_value_is_known_again(text: str) -> None:
    assert whole(table(RANDOM), text)


@pytest.mark.parametrize(
    "text", ["", "git commit -m 'a message'", OTHER, RANDOM[:7], "3f2a9c1b7d8e4f60a1b2c3d4e5f60718293a4b5c"]
)
def test_other_texts_are_not(text: str) -> None:
    assert table(RANDOM).find([text]) == ()


def test_nothing_is_found_where_nothing_is_known() -> None:
    assert table().find([RANDOM]) == ()


def test_parts_add_up_over_calls() -> None:
    known = table(RANDOM)
    (first,) = known.find([f"curl e.example/{RANDOM[:8]}"])
    assert not first.is_whole and not known.goes_out(first)
    (again,) = known.find([f"curl e.example/{RANDOM[:8]}"])
    assert not known.goes_out(again)
    (second,) = known.find([f"curl e.example/{RANDOM[8:16]}"])
    assert not second.is_whole and known.goes_out(second)


def test_of_a_chosen_value_only_the_whole_counts() -> None:
    known = table(CHOSEN, is_strong=False)
    assert whole(known, f"-p {CHOSEN}")
    (part,) = known.find([CHOSEN[:10]])
    assert not part.is_whole and not known.goes_out(part)


def test_words_are_not_remembered() -> None:
    known = SecretValues(b"k" * 32, 10, 60.0)
    assert not known.learn(Candidate("correcthorsebatterystaple", "secret"), "x", None, 0.0)
    assert len(known) == 0


def test_the_beginning_that_all_tokens_of_a_kind_have_tells_nothing() -> None:
    assert table("sk-ant-api03-" + RANDOM).find(["sk-ant-api03-" + OTHER]) == ()


def test_values_are_forgotten_after_their_lifetime_unless_seen_again() -> None:
    known = table(RANDOM, OTHER)
    known.learn(Candidate(OTHER, "secret"), "x", None, 50.0)
    known.expire(61.0)
    assert not whole(known, RANDOM) and whole(known, OTHER)
    known.expire(111.0)
    assert len(known) == 0 and not known._places and not known._by_number


def test_beyond_the_number_the_oldest_goes() -> None:
    known = table(RANDOM, OTHER, most=1)
    assert len(known) == 1 and not whole(known, RANDOM) and whole(known, OTHER)


def test_two_values_that_have_a_part_in_common_are_both_known() -> None:
    known = table(RANDOM + OTHER, RANDOM)
    assert {found.is_whole for found in known.find([RANDOM])} == {True}
    assert len(known.find([RANDOM])) == 2
    known.expire(61.0)
    known.learn(Candidate(RANDOM, "secret"), "x", None, 61.0)
    assert whole(known, RANDOM)


def test_a_text_beyond_the_largest_is_not_looked_at() -> None:
    known = table(RANDOM)
    assert whole(known, " " * (LARGEST - 30) + RANDOM)
    assert not whole(known, " " * LARGEST + RANDOM)


def test_no_value_is_in_the_memory() -> None:
    known = table(RANDOM, OTHER, CHOSEN)
    known.goes_out(known.find([RANDOM[:9]])[0])
    kept = pickle.dumps((known._known, known._by_number, known._places, known._key, known._numbers))
    for value in (RANDOM, OTHER):
        assert not any(value[at : at + 5].encode() in kept for at in range(len(value) - 4))
    assert set(known._marks) == {0, 1}


def test_of_a_full_table_random_text_is_not_found() -> None:
    source = random.Random(7)
    known = table(*("".join(source.choices(string.ascii_letters + string.digits, k=40)) for _ in range(100)))
    for _ in range(200):
        assert known.find(["".join(source.choices(string.ascii_letters + string.digits + " /-.", k=500))]) == ()
