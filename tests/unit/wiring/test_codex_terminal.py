"""Terminals are switched off in whatever form a person's settings are, and every byte comes back."""

import tomllib

import pytest

from security_hooks.wiring.codex_terminal import FEATURE, given_back, is_our_table, switched_off
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.toml_text import sections

OURS = f"{FEATURE} = false # by security-hooks"

FORMS = [
    ("[features]\nweb = true\n", f"[features]\n{OURS}\nweb = true\n"),
    ("[features] # mine\n\n[other]\n", f"[features] # mine\n{OURS}\n\n[other]\n"),
    (
        "[features]\nweb = true\nunified_exec_tty=true # I like it\n",
        f"[features]\nweb = true\n{OURS}, instead of: unified_exec_tty=true # I like it\n",
    ),
    ("[features]\n  unified_exec_tty = true", f"[features]\n{OURS}, instead of:   unified_exec_tty = true"),
    ("[features]\r\nweb = true\r\n", f"[features]\r\n{OURS}\r\nweb = true\r\n"),
    ("# mine\nfeatures.web = true\n", f"features.{OURS}\n# mine\nfeatures.web = true\n"),
    (
        "features.web = true\nfeatures . unified_exec_tty = true\n",
        f"features.web = true\nfeatures.{OURS}, instead of: features . unified_exec_tty = true\n",
    ),
    ('x = """\n[features]\n"""\n[features]\n', f'x = """\n[features]\n"""\n[features]\n{OURS}\n'),
]


@pytest.mark.parametrize(("before", "after"), FORMS)
def test_one_line_of_ours_stands_for_the_one_before(before: str, after: str) -> None:
    assert switched_off(before) == after
    assert tomllib.loads(after)["features"][FEATURE] is False
    assert switched_off(after) == after
    assert given_back(after) == before


NEW = ["", 'model = "x"\n', 'model = "x"\n\n', "[features.web]\ndeep = true\n", 'x = """\n[features]\n"""\n']


@pytest.mark.parametrize("before", NEW)
def test_where_there_is_no_table_one_of_ours_stands_behind(before: str) -> None:
    after = switched_off(before)
    assert after.startswith(before) and tomllib.loads(after)["features"][FEATURE] is False
    assert [is_our_table(part) for part in sections(given_back(after))][-1]


def test_a_table_of_ours_that_somebody_uses_stays_as_theirs() -> None:
    used = switched_off("") + "web = true\n"
    assert given_back(used) == "[features]\nweb = true\n"


@pytest.mark.parametrize("text", ["[features]\nunified_exec_tty = false\n", "features = {unified_exec_tty = false}\n"])
def test_what_is_off_already_is_left_alone(text: str) -> None:
    assert switched_off(text) == text
    assert given_back(text) == text


@pytest.mark.parametrize("text", ["features = {web = true}\n", "features = 1\n", "[[features]]\n"])
def test_a_form_that_cannot_be_edited_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(TextError, match="write `\\[features\\]` and `unified_exec_tty = false`"):
        switched_off(text)


@pytest.mark.parametrize(
    "text",
    [f"[features]\n{OURS} and mine\n", f"[features]\n {OURS}\n", f'x = "{OURS}"\n', "x = 1 # by security-hooks\n"],
)
def test_a_line_that_is_not_as_we_write_it_stays(text: str) -> None:
    assert given_back(text) == text


def test_a_line_of_ours_whose_end_says_something_else_is_refused() -> None:
    with pytest.raises(TextError, match="cannot be taken out"):
        given_back(f"[features]\n{OURS}, instead of: web = true\n")
