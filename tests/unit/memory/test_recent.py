from security_hooks.memory.recent import Recent


def test_a_session_is_known_until_it_was_not_heard_of_for_long() -> None:
    kept: Recent[int] = Recent(seconds=10)
    kept.keep("a", 1, 0)
    assert (kept.get("a", 9), kept.get("b", 9)) == (1, None)
    assert kept.get("a", 10) is None
    kept.keep("a", 2, 9)
    assert kept.get("a", 18) == 2


def test_what_is_kept_is_bounded_and_the_longest_unheard_of_goes() -> None:
    kept: Recent[int] = Recent(most=2)
    for session, at in (("a", 0), ("b", 1), ("a", 2), ("c", 3)):
        kept.keep(session, at, at)
    assert [kept.get(session, 4) for session in "abc"] == [2, None, 3]
    assert len(kept) == 2


def test_what_has_expired_takes_no_room() -> None:
    kept: Recent[int] = Recent(seconds=10)
    for number in range(100):
        kept.keep(number, number, number)
    assert len(kept) == 10
