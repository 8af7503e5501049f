import pytest

from security_hooks.memory.call_count import (
    MINUTE,
    MOST_FAILED,
    MOST_PER_MINUTE,
    MOST_RETRIES,
    MOST_WAITING,
    NOTHING,
    Caps,
    Count,
    Excess,
    excess,
    wait,
    with_call,
    with_result,
)

A, B = b"a", b"b"
ANY = Caps(0, 0)


def after(*steps: str) -> Count:
    """`a` is a call with content A, made in the first second; `+a` and `-a` its result, good or bad."""
    count = NOTHING
    for step in steps:
        name = step[-1]
        if len(step) == 1:
            count = with_call(count, name, name.encode(), 0.0)
        else:
            count = with_result(count, name, has_failed=step[0] == "-")
    return count


@pytest.mark.parametrize(
    ("steps", "calls"),
    [
        ((), 0),
        (("a",), 1),
        (("a", "a"), 2),
        (("a", "+a", "a"), 2),
        (("a", "-a", "a"), 1),
        (("a", "-a", "b"), 2),
        (("a", "-a", "a", "a"), 2),
        (("a", "-a", "-a", "a", "a"), 2),
        (("-a", "a", "a"), 2),
        (("a", "-a", "a", "-a", "a", "-a", "a", "-a", "a"), 2),
    ],
    ids=[
        "nothing",
        "once",
        "twice",
        "again after it succeeded",
        "again after it failed",
        "another after it failed",
        "one retry for one failure",
        "a result counts once",
        "a result of no call that counted",
        "failing on purpose",
    ],
)
def test_calls_are_counted_and_retries_are_not(steps: tuple[str, ...], calls: int) -> None:
    assert after(*steps).calls == calls


@pytest.mark.parametrize(
    ("steps", "caps", "content", "passed"),
    [
        ((), Caps(1, 1), A, None),
        (("a",), ANY, A, None),
        (("a",), Caps(2, 2), B, None),
        (("a",), Caps(1, 0), B, Excess.SESSION),
        (("a",), Caps(0, 1), B, Excess.MINUTE),
        (("a",), Caps(1, 1), B, Excess.SESSION),
        (("a", "-a"), Caps(1, 1), A, None),
        (("a", "-a"), Caps(1, 1), B, Excess.SESSION),
        (("a", "-a", "a"), Caps(1, 1), A, Excess.SESSION),
    ],
)
def test_limits(steps: tuple[str, ...], caps: Caps, content: bytes, passed: Excess | None) -> None:
    assert excess(after(*steps), content, caps, 1.0) is passed


def test_a_minute_later_the_rate_lets_calls_through_again() -> None:
    count = with_call(with_call(NOTHING, "a", A, 0.0), "b", B, 20.0)
    caps = Caps(0, 2)
    assert (excess(count, A, caps, 30.0), wait(count, caps, 30.0)) == (Excess.MINUTE, MINUTE - 30)
    assert (excess(count, A, caps, MINUTE), wait(count, caps, MINUTE)) == (None, 0.0)


def test_what_is_remembered_is_bounded() -> None:
    count = NOTHING
    for number in range(MOST_PER_MINUTE + 2 * MOST_WAITING):
        content = str(number).encode()
        count = with_call(count, content, content, 0.0)
        assert len(count.waiting) <= MOST_WAITING
        if number % 2:
            count = with_result(count, content, has_failed=True)
    assert len(count.times) == MOST_PER_MINUTE
    assert len(count.failed) == MOST_FAILED
    assert all(item.freed <= MOST_RETRIES for item in count.failed)
