import pytest

from security_hooks.model.transcript import ToolUse
from security_hooks.service.followed_session import LATE_SECONDS, MOST_SETTLED, FollowedSession
from security_hooks.service.transcript_file import MISSING
from security_hooks.service.transcript_messages import Finished, Standing

NOW = 1_000.0


def session(**known: int) -> FollowedSession:
    made = FollowedSession("codex-cli", "s", NOW, "")
    for name, value in known.items():
        setattr(made, name, value)
    return made


def finished(number: int) -> Finished:
    return Finished("codex-cli", "s", "/t", ToolUse(str(number), "Bash", str(number), "", float(number)), True)


@pytest.mark.parametrize(
    ("standing", "later", "why"),
    [
        (None, 0, ""),
        (None, LATE_SECONDS, "not read yet"),
        (Standing("", "", "/t", MISSING), 0, ""),
        (Standing("", "", "/t", MISSING), LATE_SECONDS, MISSING),
        (Standing("", "", "/t", "it lies outside /d"), 0, "it lies outside /d"),
        (Standing("", "", "/t", "", 2), 0, "2 lines cannot be read"),
        (Standing("", "", "/t"), LATE_SECONDS, ""),
    ],
)
def test_what_cannot_be_told_is_said(standing: Standing | None, later: float, why: str) -> None:
    made = session()
    if standing is not None:
        made.stands(standing)
    told = made.why_unmeasured(NOW + later)
    assert why in told
    assert bool(why) is bool(told)


@pytest.mark.parametrize(
    ("known", "later", "is_measured"),
    [
        ({"followed_up": 3}, LATE_SECONDS, False),
        ({"followed_up": 3}, 0, True),
        ({"followed_up": 2}, LATE_SECONDS, True),
        ({"followed_up": 3, "seen": 1}, LATE_SECONDS, True),
    ],
)
def test_a_transcript_that_shows_nothing_of_what_ran_is_not_one_that_we_can_read(
    known: dict[str, int], later: float, is_measured: bool
) -> None:
    made = session(**known)
    made.stands(Standing("", "", "/t"))
    assert (made.why_unmeasured(NOW + later) == "") is is_measured


def test_a_use_is_settled_once_also_when_it_is_long_forgotten() -> None:
    made = session()
    assert all(made.settle(finished(number)) for number in range(MOST_SETTLED + 10))
    assert not any(made.settle(finished(number)) for number in range(MOST_SETTLED + 10))
