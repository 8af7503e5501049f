"""The schema table: complete, unambiguous, and each direction means what it says."""

import pytest

from security_hooks.policy.config_rows import Choice, Item, Names, Number, Stricter
from security_hooks.policy.config_schema import LIST_NAMES, ROW_BY_PATH, ROWS, is_for_projects, row_of


def test_rows_are_unique_documented_and_have_ranges() -> None:
    assert len({row.path for row in ROWS}) == len(ROWS)
    known = {"allowed_executables", "secret_env_vars", "sensitive_paths", "mcp_allowed", "mcp_pins", "trusted_hosts"}
    known |= {"scope_paths", "scope_hosts", "scope_outside", "scope_reads"}
    assert known == LIST_NAMES
    for row in ROWS:
        assert row.doc.endswith(".")
        if isinstance(row, Number):
            assert row.minimum < row.maximum
            # 0 is said to be no limit or no end at all, or is none; without a stricter direction it may be anything.
            assert row.stricter is None or (row.minimum == 0) == (row.stricter in (Stricter.CAPPED, Stricter.LONGER))
        if isinstance(row, Choice):
            assert "allow" not in row.words


def test_each_section_has_one_main_list_at_most() -> None:
    mains = [row.path[0] for row in ROWS if isinstance(row, Names) and row.is_main]
    assert sorted(mains) == ["executables", "mcp", "paths", "scope", "secrets", "work"]


def test_what_serves_all_calls_is_not_for_projects() -> None:
    closed = {".".join(row.path) for row in ROWS if not is_for_projects(row)}
    assert closed >= {"limits.request_bytes", "limits.concurrent", "audit.content", "audit.on_failure"}
    assert not closed & {"mode", "rules.disabled", "limits.script_bytes"}


def test_row_of_knows_own_lists_by_their_form_only() -> None:
    assert row_of(("lists", "own")) is not None
    assert row_of(("lists", "Own")) is None
    assert row_of(("lists",)) is None
    assert row_of(("mode",)) is ROW_BY_PATH["mode",]


@pytest.mark.parametrize(
    ("item", "entry", "fits"),
    [
        (Item.PROGRAM, "g++", True),
        (Item.PROGRAM, "[", True),
        (Item.PROGRAM, "/bin/ls", False),
        (Item.PROGRAM, "", False),
        (Item.PROGRAM, "a b", False),
        (Item.VARIABLE, "TF_TOKEN_*", True),
        (Item.VARIABLE, "A=B", False),
        (Item.PATH, "~/.config/Bitwarden CLI/**", True),
        (Item.PATH, "a\nb", False),
        (Item.TEXT, "", False),
    ],
)
def test_form_of_list_entries(item: Item, entry: str, fits: bool) -> None:
    assert item.fits(entry) is fits


def test_no_project_says_how_long_the_log_of_the_machine_is_kept() -> None:
    assert not is_for_projects(ROW_BY_PATH["audit", "keep_days"])
    assert not is_for_projects(ROW_BY_PATH["audit", "keep_bytes"])
