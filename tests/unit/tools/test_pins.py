"""What counts as being what was pinned."""

import pytest

from security_hooks.model.server import Definition, Pin
from security_hooks.tools.pins import digest_of, is_as_pinned, shown

PIN = Pin("files", "npx", ("-y", "x"), env=("A", "B"))


@pytest.mark.parametrize(
    ("definition", "same"),
    [
        (Definition("npx", ("-y", "x")), True),
        (Definition("npx", ("-y", "x"), env=()), True),
        (Definition("npx", ("-y", "x"), env=("B",), place="elsewhere"), True),
        (Definition("npx", ("-y", "x"), env=("B", "NODE_OPTIONS")), False),
        (Definition("npx", ("x", "-y")), False),
        (Definition("npx", ("-y", "x", "z")), False),
        (Definition("/tmp/npx", ("-y", "x")), False),
        (Definition("npx", ("-y", "x"), cwd="/tmp"), False),
        (Definition("npx", ("-y", "x"), url="https://e.example/"), False),
    ],
)
def test_all_that_decides_what_runs_is_compared(definition: Definition, same: bool) -> None:
    assert is_as_pinned(definition, PIN) is same


def test_both_are_shown_alike() -> None:
    assert shown(PIN) == "npx -y x with A, B"
    assert shown(Definition("npx", ("-y", "x"), env=("A", "B"))) == shown(PIN)
    assert shown(Definition(url="https://e.example/mcp")) == "https://e.example/mcp"


def test_the_digest_is_what_sha256sum_prints() -> None:
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
