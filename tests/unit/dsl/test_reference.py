"""The generated reference page."""

from pathlib import Path

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.reference import render, usage

PAGE = Path(__file__).parents[3] / "docs/predicates.md"


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(), "write it again: .ci/reference"


def test_every_predicate_has_an_entry_and_a_first_line() -> None:
    page = render()
    for predicate in PREDICATES:
        assert f"## `{usage(predicate)}`" in page
        assert predicate.doc.split("\n\n")[0].endswith(".")


def test_names_are_unique() -> None:
    assert len({predicate.name for predicate in PREDICATES}) == len(PREDICATES)
