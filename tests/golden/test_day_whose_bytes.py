"""The day of ordinary work in a real work tree: of what its calls delete, nobody asks whose it is.

Each file that a call of the day deletes is there, not known to git and not ignored, and was made by a program that the
session ran: the case in which nobody can tell, and which must stay silent.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.golden.test_day import CALLS
from tests.repositories import new_repository
from tests.shipped import shipped_snapshot

from security_hooks.catalogue.load import shipped
from security_hooks.clients import client_named
from security_hooks.memory.authors import Author, Span, whose, with_span
from security_hooks.memory.discards import discards_of
from security_hooks.model.event import Place
from security_hooks.model.work import Discard, Loss, Stake
from security_hooks.policy.config import Limits
from security_hooks.service.judge import shell_limits
from security_hooks.service.stakes import find_stakes
from security_hooks.tools.facts import call_facts


def deletions(place: Place) -> Iterator[Discard]:
    """What the calls of the day would delete below a directory."""
    limits = shell_limits(Limits())
    for call in CALLS:
        client = client_named(call.client)
        assert client is not None
        event = replace(client.decode(call.payload()), cwd=place.cwd)
        assert event.tool is not None
        facts = call_facts(event, event.tool, place, shipped(), limits)
        for discard in discards_of(facts).discards:
            if discard.loss is Loss.FILES and any(root.startswith(f"{place.cwd}/") for root in discard.roots):
                yield discard


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[list[Stake]], tuple[Span, ...]]:
    """What is at stake in each deletion, and when the session's programs ran."""
    repository = new_repository(tmp_path_factory.mktemp("day") / "project", {"README.md": "# Project\n"})
    place = Place(str(repository), str(repository.parent), str(repository))
    snapshot = shipped_snapshot()
    begun = time.time_ns()
    discards = list(deletions(place))
    for discard in discards:
        for path in (Path(root) for root in discard.roots if root.startswith(f"{repository}/")):
            target = path / "made" if discard.is_deep and not path.suffix else path
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.write_text("made\n")
    busy = with_span((), begun, time.time_ns())
    stakes = [list(find_stakes(one, place.home, snapshot.config.made_again, 10.0).stakes) for one in discards]
    return stakes, busy


def test_nobody_is_asked_about_what_the_session_may_have_made(
    found: tuple[list[list[Stake]], tuple[Span, ...]],
) -> None:
    stakes, busy = found
    held = [whose(stake, "me", None, busy).author for one in stakes for stake in one]
    assert held
    assert set(held) == {Author.UNCLEAR}


def test_the_same_files_by_a_person_are_asked_about(found: tuple[list[list[Stake]], tuple[Span, ...]]) -> None:
    stakes, _ = found
    asked = sum(any(whose(stake, "me", None, ()).author is Author.PERSON for stake in one) for one in stakes)
    print(f"{asked} of {len(CALLS)} calls delete what would be asked about if a person had written it")
    assert 0 < asked * 50 < len(CALLS)
