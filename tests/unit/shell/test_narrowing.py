"""What the tests of a search choose."""

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.word import Word
from security_hooks.shell.options import read_options


@pytest.mark.parametrize(
    ("text", "narrowed", "places"),
    [
        ("find . -name *.pyc -delete", True, "."),
        ("find . -delete", False, "."),
        ("find . -name * -delete", False, "."),
        ("find . -regex .* -delete", False, "."),
        ("find . -empty -delete", True, "."),
        ("find . -not -empty -delete", False, "."),
        ("find a b ! -name x -delete", False, "a b"),
        ("find . ( -not -name x ) -delete", False, "."),
        ("find . ! -name x -name *.log -delete", True, "."),
        ("find . -path ./x -prune -o -delete", False, "."),
        ("find . ( -name x -prune ) -o -delete", False, "."),
        ("find . -name x -prune -print", True, "."),
        ("find . -name", True, "."),
    ],
)
def test_a_search_is_narrowed_by_a_test_that_leaves_things_out(
    catalogue: Catalogue, text: str, narrowed: bool, places: str
) -> None:
    words = [Word((part,), (0, 0), part) for part in text.split()]
    reading = read_options(catalogue.commands["find"], words)
    assert (reading.narrowed, " ".join(word.literal or "?" for word in reading.operands)) == (narrowed, places)
