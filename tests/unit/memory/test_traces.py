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


def is_shared(path: str) -> bool:
    return path == "/p"


def unpack(archive: str | None, directory: str) -> list[Deed]:
    written = Deed(W, directory, command=1, unpacks=True)
    return [written] if archive is None else [deed(R, archive, 1), written]


FETCHED: Traces = {"/d/x.tgz": (Trace(deed(C, "a.example")),)}


@pytest.mark.parametrize(
    ("before", "archive", "directory", "expected"),
    [
        (FETCHED, "/d/x.tgz", "/p/out", {"/p/out", "/p/out/"}),
        (FETCHED, "/d/x.tgz", "/p", {"/p", "/p/x/"}),
        (FETCHED, "/d/other.tgz", "/p/out", set()),
        (SECRET, "/x", "/p/out", {"/p/out"}),
        ({"/d/y": FETCHED["/d/x.tgz"]}, "/d/y", "/p/out", {"/p/out"}),
    ],
)
def test_what_an_archive_from_elsewhere_is_unpacked_in_holds_what_came_from_there(
    before: Traces, archive: str, directory: str, expected: set[str]
) -> None:
    found = traced(before, Deeds(tuple(unpack(archive, directory))), lambda _: False, whole=False, is_shared=is_shared)
    assert found.keys() - before.keys() == expected


def test_what_is_unpacked_as_it_comes_counts_where_nothing_else_stands() -> None:
    came = deed(C, "a.example")
    for directory, expected in (("/p/out", {"/p/out", "/p/out/"}), ("/p", {"/p"})):
        (written,) = unpack(None, directory)
        deeds = Deeds((came, written), (Passage(came, written),))
        assert traced({}, deeds, lambda _: False, whole=False, is_shared=is_shared).keys() == expected


def test_a_file_below_it_that_is_written_anew_is_what_was_written() -> None:
    held = (Trace(deed(C, "a.example")),)
    below: Traces = {"/p/out/": held}
    assert after(below, deed(W, "/p/out/a", None), whole=True) == {"/p/out/": ["a.example"], "/p/out/a": []}
    # To touch or change it leaves the rest of it there; so does a copy.
    assert after(below, deed(W, "/p/out/a")) == {"/p/out/": ["a.example"], "/p/out/a": ["a.example"]}
    assert after(below, deed(R, "/p/out/a"), deed(W, "/b"))["/b"] == ["a.example"]


def test_nothing_is_made_anew_where_nothing_changes() -> None:
    assert traced(SECRET, Deeds((deed(W, "/z"),)), lambda _: False, whole=False) is SECRET


def test_their_number_is_bounded_and_the_oldest_goes_first() -> None:
    before: Traces = {}
    for number in range(MOST + 5):
        deeds = Deeds((deed(C, "a.example"), deed(W, f"/{number}")))
        before = traced(before, deeds, lambda _: False, whole=False)
    assert len(before) == MOST
    assert "/0" not in before
