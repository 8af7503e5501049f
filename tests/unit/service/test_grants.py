from pathlib import Path

import msgspec
import pytest

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.policy.grant_rules import resolved
from security_hooks.service.grants import MOST, MOST_OF_PROJECT, Grant, Grants, load, save


def rule() -> ResolvedRule:
    made = resolved('block "grant-x"\n  match command("x")\n')
    assert made is not None
    return made


def grant(identity: str = "AAAA", project: str = "/p", until: float = 100.0, **fields: str) -> Grant:
    given = {"verb": "allow", "word": "push", "argument": identity, "by": "prompt", **fields}
    return Grant(identity, project, f"allow push {identity}", begun=0.0, until=until, pid=7, **given)  # type: ignore[arg-type]


class Book:
    """Grants with two clocks of our own: `wall` can be set back, `steady` cannot."""

    def __init__(self, place: Path) -> None:
        self.file = place / "grants.json"
        self.wall = self.steady = 0.0
        self.ended: list[tuple[str, str]] = []
        self.grants = self.another()

    def another(self) -> Grants:
        return Grants(self.file, lambda g, why: self.ended.append((g.id, why)), lambda: self.steady, lambda: self.wall)

    def ids(self, project: str | None = "/p") -> list[str]:
        return [held.grant.id for held in self.grants.of(project)]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_a_grant_holds_in_its_project_alone(book: Book) -> None:
    book.grants.add(grant(), rule())
    assert (book.ids(), book.ids("/q"), book.ids(None)) == (["AAAA"], [], [])


@pytest.mark.parametrize(("wall", "steady"), [(100.0, 100.0), (100.0, 0.0), (-5_000.0, 100.0), (0.0, 100.0)])
def test_it_ends_by_whichever_clock_is_first_there(book: Book, wall: float, steady: float) -> None:
    book.grants.add(grant(), rule())
    assert book.grants.until_next_end() == 100.0
    book.wall, book.steady = wall, steady
    assert book.ids() == []
    assert book.ended == [("AAAA", "its time was up")]
    assert load(book.file) == ()
    assert book.grants.until_next_end() is None


def test_it_is_kept_privately_and_taken_over_for_what_is_left_of_it(book: Book) -> None:
    book.grants.add(grant(), rule())
    book.grants.add(grant("BBBB", until=20.0), rule())
    assert book.file.stat().st_mode & 0o777 == 0o600
    book.wall, book.steady = 50.0, 1_000.0
    book.grants = book.another()
    book.grants.restore([(kept, rule()) for kept in load(book.file)], longest=30.0)
    assert book.ids() == ["AAAA"]
    # However long the file says: no longer than the configuration lets it.
    book.steady += 30.0
    assert book.ids() == []


def test_a_newer_word_on_the_same_thing_replaces_the_older(book: Book) -> None:
    book.grants.add(grant(argument="x"), rule())
    book.grants.add(grant("BBBB", argument="x", verb="forbid"), rule())
    book.grants.add(grant("CCCC", "/q", argument="x"), rule())
    assert (book.ids(), book.ids("/q")) == (["BBBB"], ["CCCC"])
    assert book.ended == [("AAAA", "replaced by BBBB")]


def test_one_that_is_revoked_is_over_and_gone_from_the_file(book: Book) -> None:
    book.grants.add(grant(), rule())
    revoked = book.grants.revoke("AAAA")
    assert revoked is not None and revoked.id == "AAAA"
    assert (book.ids(), load(book.file), book.ended) == ([], (), [("AAAA", "revoked")])
    assert book.grants.revoke("AAAA") is None


def test_one_for_a_session_ends_with_that(book: Book) -> None:
    book.grants.add(grant(client="codex-cli", session="s"), rule())
    book.grants.add(grant("BBBB", client="codex-cli"), rule())
    for client, session in (("codex-cli", "t"), ("gemini-cli", "s"), ("codex-cli", "")):
        book.grants.end_session(client, session)
        assert book.ids() == ["AAAA", "BBBB"]
    book.grants.end_session("codex-cli", "s")
    assert book.ids() == ["BBBB"]


def test_what_cannot_be_kept_is_not_in_force(book: Book) -> None:
    book.file.with_suffix(".new").mkdir()
    with pytest.raises(OSError, match="directory"):
        book.grants.add(grant(), rule())
    assert book.ids() == []


def test_what_cannot_be_taken_out_of_the_file_is_over_all_the_same(book: Book) -> None:
    book.grants.add(grant(), rule())
    book.file.with_suffix(".new").mkdir()
    book.wall = 100.0
    assert book.ids() == []


def test_there_are_only_so_many(book: Book) -> None:
    for number in range(MOST_OF_PROJECT):
        book.grants.add(grant(f"P{number}"), rule())
    assert book.grants.is_full("/p")
    assert not book.grants.is_full("/q")
    for number in range(MOST - MOST_OF_PROJECT):
        book.grants.add(grant(f"Q{number}", f"/q{number}"), rule())
    assert book.grants.is_full("/q")


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"id": 1}]'])
def test_a_file_that_is_none_of_ours_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "g").write_text(text)
    with pytest.raises(msgspec.DecodeError):
        load(tmp_path / "g")
    assert load(tmp_path / "none") == ()


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    kept = (grant(), grant("BBBB", session="s", client="codex-cli"))
    save(tmp_path / "g", kept)
    assert load(tmp_path / "g") == kept
