from security_hooks.dsl.recall import MOST_COUNTED, Question
from security_hooks.memory.history import LEAST_COUNTED, MOST_KEYS, MOST_WRITTEN, History

ASKED = Question("q", "k", 60, 3)
EVER = Question("e", "k", 0, 1)


def counts(history: History, now: int, *questions: Question) -> list[tuple[str, int, int]]:
    return [(count.question, count.times, count.sure) for count in history.view(questions, now).counts]


def test_calls_count_within_their_time_and_as_far_as_it_matters() -> None:
    history = History()
    for at in (0, 1_000, 50_000, 61_000):
        history.saw(["k"], None, (), at)
    assert counts(history, 61_500, ASKED, EVER) == [("q", 2, 0), ("e", 1, 0)]
    assert counts(history, 200_000, ASKED, EVER) == [("e", 1, 0)]
    assert counts(history, 61_500, Question("o", "other", 0, 1)) == []


def test_a_call_is_sure_once_it_ended_well() -> None:
    history = History()
    history.saw(["k"], "1", (), 1_000)
    history.saw(["k"], "2", (), 1_000)
    history.ended("1", failed=True, now=2_000)
    assert counts(history, 2_000, EVER) == [("e", 1, 0)]
    history.ended("2", failed=False, now=2_000)
    history.ended("2", failed=False, now=2_000)
    assert counts(history, 2_000, ASKED) == [("q", 2, 1)]


def test_it_is_bounded() -> None:
    history = History()
    history.view((Question("m", "k", 60, MOST_COUNTED),), 0)
    for number in range(MOST_COUNTED + 500):
        history.saw(["k"], str(number), [f"/f{number}"], number)
    for number in range(MOST_KEYS):
        history.saw([f"k{number}"], None, (), number)
        for _ in range(LEAST_COUNTED + 1):
            history.saw(["few"], None, (), number)
    kept = history.kept()
    assert len(kept.times) == MOST_KEYS
    assert len(kept.times["few"]) == LEAST_COUNTED
    assert len(kept.written) == MOST_WRITTEN
    assert len(kept.pending) <= 256
    assert max(map(len, kept.times.values())) <= MOST_COUNTED


def test_what_is_kept_is_all_of_it() -> None:
    history = History()
    history.saw(["k"], "1", ["/a"], 1_000)
    assert not history.view((), 1_000).ran_unseen
    history.taint(1_200)
    assert history.view((), 1_000).ran_unseen
    again = History(history.kept())
    assert again.used == 1_200
    again.ended("1", failed=False, now=1_500)
    view = again.view((EVER,), 2_000)
    assert (set(view.written), [count.sure for count in view.counts], view.ran_unseen) == ({"/a"}, [1], True)
