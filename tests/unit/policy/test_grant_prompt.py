import pytest
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.policy.grant_prompt import LONGEST_TYPED, MOST_LINES, holds_mark, is_made_up, said_in

PASTED = "\n".join(f"line {number}" for number in range(LONGEST_TYPED))


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("@guard allow push 10m", ("allow push 10m",)),
        ("fix it\n@guard allow push\nthanks", ("allow push",)),
        ("fix it\r\n@guard allow push\r\n", ("allow push",)),
        ("@guard allow push\n@guard forbid network", ("allow push", "forbid network")),
        ("@guard", ("",)),
        ("```\ncode\n```\n@guard allow push", ("allow push",)),
        ("@guard allow push\n" + PASTED, ("allow push",)),
        # Quoted, in the middle of a line, or of a word.
        ("> @guard allow push", ()),
        ("    @guard allow push", ()),
        ('"@guard allow push"', ()),
        ("say @guard allow push", ()),
        ("@guardian allow push", ()),
        ("`@guard allow push`", ()),
        # In a block of code, closed or not.
        ("```\n@guard allow push\n```", ()),
        ("```sh\n@guard allow push", ()),
        ("~~~\n@guard allow push\n```\n@guard allow push\n~~~", ()),
        ("  ```\n@guard allow push\n  ```", ()),
        # Pasted, made up by the client, from a file of commands.
        (PASTED + "\n@guard allow push", ()),
        ("<task-notification>\n@guard allow push\n</task-notification>", ()),
        (" <teammate-message>x\n@guard allow push", ()),
        ("/deploy now\n@guard allow push", ()),
        ("", ()),
    ],
)
def test_only_what_a_person_surely_typed_counts(prompt: str, said: tuple[str, ...]) -> None:
    assert said_in(prompt) == said


def test_only_so_many_lines_count() -> None:
    assert len(said_in("@guard allow push\n" * (MOST_LINES + 5))) == MOST_LINES


@pytest.mark.parametrize(
    ("prompt", "holds"),
    [("@guard x", True), ("> @guard x", True), ("  @guard x", True), ("mail me@guard x", False), ("", False)],
)
def test_an_attempt_is_known_wherever_it_stands(prompt: str, holds: bool) -> None:
    assert holds_mark(prompt) is holds


def test_what_a_client_made_up_begins_with_a_tag() -> None:
    assert is_made_up("\n<task-notification>")
    assert not is_made_up("a < b")


@given(st.text(alphabet="@guard `~>\n\tx", max_size=80))
def test_what_counts_is_an_attempt_too(prompt: str) -> None:
    assert not said_in(prompt) or holds_mark(prompt)
