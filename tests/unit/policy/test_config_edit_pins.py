"""A pin goes into a person's file, and all else stays."""

import pytest

from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.server import Pin
from security_hooks.policy.config_edit_pins import set_pin

PIN = Pin("my server", "npx", ("-y", "x"), env=("A",))
TABLE = '[mcp.servers."my server"]\ncommand = "npx"\nargs = ["-y", "x"]\nenv = ["A"]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", TABLE),
        ("# mine\nmode = 'observe'\n", "# mine\nmode = 'observe'\n\n" + TABLE),
        ('[mcp.servers."my server"]\nurl = "old"\n', TABLE),
    ],
)
def test_the_pin_is_set(before: str, after: str) -> None:
    assert set_pin(before, "f", PIN) == after


def test_what_stands_there_stays() -> None:
    text = '[mcp]\nallowed = ["a"]  # known\n\n[mcp.servers.a]\ncommand = "a"\n\n[limits]\nscript_nodes = 2000\n'
    edited = set_pin(text, "f", PIN)
    assert all(line in edited for line in text.splitlines())
    assert TABLE in edited


@pytest.mark.parametrize("text", ["mcp = 1", "[mcp]\nservers = []", "["])
def test_a_file_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        set_pin(text, "f", PIN)
