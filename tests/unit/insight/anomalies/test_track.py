from hypothesis import given
from hypothesis import strategies as st

from security_hooks.insight.anomalies.track import MOST_FILES, SLOTS, Counts, Track

STEPS = st.lists(
    st.tuples(st.integers(0, 20), st.booleans(), st.booleans(), st.lists(st.sampled_from("abcdef"), max_size=3)),
    max_size=60,
)


@given(STEPS)
def test_window_and_past_are_what_was_counted(steps: list[tuple[int, bool, bool, list[str]]]) -> None:
    track, slot, gone = Track(), 0, Counts()
    taken: list[tuple[int, bool, bool, list[str]]] = []
    for step, is_denied, has_secret, files in steps:
        slot += step
        gone.add(track.age(slot))
        track.take(slot, is_denied=is_denied, has_secret=has_secret, files=tuple(files))
        taken.append((slot, is_denied, has_secret, files))
    inside = [item for item in taken if item[0] >= slot - SLOTS]
    window = track.window
    assert window.calls == len(inside)
    assert window.denials == sum(item[1] for item in inside)
    assert window.secrets == sum(item[2] for item in inside)
    assert window.slots == len({item[0] for item in inside})
    assert track.distinct_files == len({file for item in inside for file in item[3]})
    assert track.past == gone
    assert gone.calls + window.calls == len(taken)


def test_a_file_read_again_is_the_same_file() -> None:
    track = Track()
    for slot in range(3):
        track.age(slot)
        track.take(slot, is_denied=False, has_secret=False, files=("a", "b"))
    assert (track.distinct_files, track.window.files) == (2, 2)


def test_files_are_bounded() -> None:
    track = Track()
    track.take(0, is_denied=False, has_secret=False, files=tuple(map(str, range(MOST_FILES + 10))))
    assert track.distinct_files == MOST_FILES


def test_half_the_weight_keeps_the_rates() -> None:
    counts = Counts(calls=100, denials=20, secrets=10, files=40, slots=8)
    counts.halve()
    assert counts == Counts(calls=50, denials=10, secrets=5, files=20, slots=4)
