import pytest

from security_hooks.memory.traces import MOST, Traces, traced
from security_hooks.model.deed import Deed, Deeds, Passage
from security_hooks.model.effect import EffectKind
from security_hooks.model.session import Trace

R, W, C = EffectKind.READS, EffectKind.WRITES, EffectKind.CONNECTS


def deed(kind: EffectKind, target: str | None, command: int | None = 0) -> Deed:
    return Deed(kind, target, command=command)


def after(
    before: Traces, *deeds: Deed, passages: tuple[Passage, ...] = (), whole: bool = False
) -> dict[str, list[str | None]]:
    found = traced(before, Deeds(deeds, passages), lambda path: path == "/secret", whole=whole)
    return {path: [trace.source.target for trace in held] for path, held in found.items()}


SECRET: Traces = {"/x": (Trace(deed(R, "/secret")),)}


@pytest.mark.parametrize(
    ("before", "deeds", "expected"),
    [
        ({}, [deed(R, "/secret"), deed(W, "/x")], {"/x": ["/secret"]}),
        ({}, [deed(R, "/plain"), deed(W, "/x")], {}),
        ({}, [deed(R, "/secret"), deed(W, "/x", 1)], {}),
        ({}, [deed(C, "a.example"), deed(W, "/x")], {"/x": ["a.example"]}),
        ({}, [deed(C, "localhost"), deed(W, "/x")], {}),
        ({}, [deed(C, "127.0.0.1"), deed(W, "/x")], {}),
        ({}, [deed(C, None), deed(W, "/x")], {}),
        (SECRET, [deed(R, "/x"), deed(W, "/y")], {"/x": ["/secret"], "/y": ["/secret"]}),
        (SECRET, [deed(EffectKind.MOVES, "/x"), deed(W, "/y")], {"/x": ["/secret"], "/y": ["/secret"]}),
        (SECRET, [deed(W, "/x")], {"/x": ["/secret"]}),
    ],
)
def test_what_a_file_holds_follows_what_is_read_into_it(
    before: Traces, deeds: list[Deed], expected: dict[str, list[str]]
) -> None:
    assert after(before, *deeds) == expected


def test_data_that_went_through_other_commands_counts() -> None:
    read, written = deed(R, "/secret"), deed(W, "/x", 1)
    assert after({}, read, written, passages=(Passage(read, written),)) == {"/x": ["/secret"]}


def test_a_tool_that_writes_a_whole_file_ends_its_trace() -> None:
    assert after(SECRET, deed(W, "/x", None), whole=True) == {}


def test_nothing_is_made_anew_where_nothing_changes() -> None:
    assert traced(SECRET, Deeds((deed(W, "/z"),)), lambda _: False, whole=False) is SECRET


def test_their_number_is_bounded_and_the_oldest_goes_first() -> None:
    before: Traces = {}
    for number in range(MOST + 5):
        deeds = Deeds((deed(C, "a.example"), deed(W, f"/{number}")))
        before = traced(before, deeds, lambda _: False, whole=False)
    assert len(before) == MOST
    assert "/0" not in before
