"""Edits of a person's file: only what was asked for changes, comments stay."""

from collections.abc import Sequence

import pytest

from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.config_edit import add_names, remove_names
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import row_of

INHERITED = frozenset({"git", "curl"})


def row(word: str = "executables.allowed") -> Names:
    found = row_of(tuple(word.split(".")))
    assert isinstance(found, Names)
    return found


@pytest.mark.parametrize(
    ("before", "names", "after"),
    [
        ("", ["deno"], '[executables]\nappend = [\n    "deno",\n]\n'),
        ("# mine\n", ["deno"], '# mine\n\n[executables]\nappend = ["deno"]\n'),
        ('[executables]\nappend = ["a"] # x\n', ["b", "a"], '[executables]\nappend = ["a", "b"] # x\n'),
        ('[executables]\nexclude = ["curl"]\n', ["curl"], "[executables]\n"),
        ('[executables]\nexclude = ["curl"] # why\n', ["curl"], "[executables]\nexclude = [] # why\n"),
        ('[executables]\nexclude = ["curl", "x"]\n', ["curl"], '[executables]\nexclude = ["x"]\n'),
        ('[executables]\nallowed = ["a"]\n', ["git"], '[executables]\nallowed = ["a", "git"]\n'),
        ('executables.append = ["a"]\n', ["b"], 'executables.append = ["a", "b"]\n'),
        ("[executables]\n", ["git"], "[executables]\n"),
    ],
)
def test_add(before: str, names: Sequence[str], after: str) -> None:
    assert add_names(before, "c.toml", row(), names, INHERITED) == after


@pytest.mark.parametrize(
    ("before", "names", "after"),
    [
        ("# x\n[executables]\n", ["curl"], '# x\n[executables]\nexclude = ["curl"]\n'),
        ('[executables]\nappend = ["a"]\n', ["a"], "[executables]\n"),
        ('[executables]\nappend = ["a"]\n', ["b"], '[executables]\nappend = ["a"]\n'),
        ('[executables]\nallowed = ["git", "a"]\n', ["git"], '[executables]\nallowed = ["a"]\n'),
        ('[executables]\nexclude = ["curl"]\n', ["curl"], '[executables]\nexclude = ["curl"]\n'),
    ],
)
def test_remove(before: str, names: Sequence[str], after: str) -> None:
    assert remove_names(before, "c.toml", row(), names, INHERITED) == after


def test_disabled_rules_and_own_lists_have_their_own_spellings() -> None:
    text = "# x\n"
    text = add_names(text, "c.toml", row("rules.disabled"), ["a"], frozenset())
    assert text == '# x\n\n[rules]\ndisabled = ["a"]\n'
    text = remove_names(text, "c.toml", row("rules.disabled"), ["a", "b"], frozenset({"b"}))
    assert text == '# x\n\n[rules]\nexclude_disabled = ["b"]\n'
    text = add_names("# x\n", "c.toml", row("lists.own"), ["a"], frozenset())
    assert text == '# x\n\n[lists]\nown = ["a"]\n'
    text = add_names("# x\n", "c.toml", row("lists.own"), ["b"], frozenset({"a"}))
    assert text == '# x\n\n[lists]\nappend_own = ["b"]\n'


def test_comments_inside_a_list_stay() -> None:
    before = '[executables]\nappend = [\n  # first\n  "a", # one\n  "b", # two\n]\n'
    after = add_names(before, "c.toml", row(), ["c"], INHERITED)
    assert "# first" in after and "# one" in after and "# two" in after
    after = remove_names(after, "c.toml", row(), ["b"], INHERITED)
    assert "# first" in after and "# one" in after and '"c"' in after


def test_adding_and_removing_again_gives_the_same_list() -> None:
    once = add_names("", "c.toml", row(), ["x"], INHERITED)
    assert add_names(once, "c.toml", row(), ["x"], INHERITED) == once
    assert '"x"' not in remove_names(once, "c.toml", row(), ["x"], INHERITED)


def test_file_that_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(PolicyError):
        add_names("[executables", "c.toml", row(), ["x"], INHERITED)
