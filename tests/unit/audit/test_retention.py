from collections.abc import Mapping

import pytest

from security_hooks.audit.retention import Closed, Limits, Plan, plan

# Three segments of a hundred records and bytes each, and fifty bytes that are being written.
CLOSED = tuple(Closed(first, first + 99, f"{first:08d}.jsonl", 100) for first in (1, 101, 201))
TIMES = {1: "2026-01-01", 101: "2026-02-01", 201: "2026-03-01"}
TOTAL = 350


def planned(limits: Limits, taken: Mapping[str, int] | None = None) -> Plan:
    return plan(CLOSED, TOTAL, limits, taken or {}, lambda segment: TIMES[segment.first])


@pytest.mark.parametrize(
    ("before", "keep_bytes", "segments"),
    [
        (None, None, 0),
        ("2026-01-01", None, 0),
        ("2026-01-02", None, 1),
        ("2026-02-15", None, 2),
        ("2027-01-01", None, 3),
        (None, 350, 0),
        (None, 349, 1),
        (None, 250, 1),
        (None, 249, 2),
        (None, 0, 3),
        ("2026-01-02", 200, 2),
    ],
)
def test_the_oldest_go_while_they_are_over_a_limit(before: str | None, keep_bytes: int | None, segments: int) -> None:
    found = planned(Limits("person", before, keep_bytes))
    assert found == Plan(CLOSED[:segments])
    assert (found.records, found.size) == (100 * segments, 100 * segments)


@pytest.mark.parametrize(
    ("taken", "segments", "held"),
    [
        ({"siem": 300}, 3, {}),
        ({"siem": 250}, 2, {"siem": 50}),
        ({"siem": 300, "other": 100}, 1, {"other": 100}),
        ({"siem": 0}, 0, {"siem": 100}),
    ],
)
def test_what_a_sink_has_not_taken_stays(taken: dict[str, int], segments: int, held: dict[str, int]) -> None:
    assert planned(Limits("person", "2027-01-01"), taken) == Plan(CLOSED[:segments], {}, held)


def test_told_to_it_goes_and_what_a_sink_loses_is_counted() -> None:
    found = planned(Limits("person", "2027-01-01", even_undelivered=True), {"siem": 150, "dead": 0})
    assert found == Plan(CLOSED, {"dead": 300, "siem": 150})


def test_a_dead_sink_does_not_fill_the_disk() -> None:
    limits = Limits("retention", keep_bytes=100, most_bytes=200)
    assert planned(limits, {"dead": 0}) == Plan(CLOSED[:2], {"dead": 200}, {"dead": 100})


def test_a_segment_of_an_unknown_time_is_not_old() -> None:
    assert plan(CLOSED, TOTAL, Limits("person", "2027-01-01"), {}, lambda _: "") == Plan()
