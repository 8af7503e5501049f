"""The generated page of commands."""

from pathlib import Path

from security_hooks.catalogue.load import shipped_files
from security_hooks.catalogue.reference import render

PAGE = Path(__file__).parents[3] / "docs/commands.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render(shipped_files()), "write it again: .ci/reference"


def test_an_entry_says_what_the_command_does() -> None:
    page = render(
        {
            "a.toml": b'schema = 2\n[command.rm]\naliases = ["grm"]\nsummary = "remove files"\nexample = "rm x"\n'
            b'options = ["-r", "--log write:FILE"]\noperands = ["delete:FILE..."]\naction = "filesystem_delete"\n'
            b'variants = [{ with = ["-r"], without = ["--log"], action = "system_destructive" }]\n'
        }
    )
    assert page.endswith(
        "1 commands.\n\n## a\n\n### rm\n\nRemove files. Also `grm`.\n\n    rm x\n\n"
        "`filesystem_delete` (medium); operands `delete:FILE...`; options `--log write:FILE`; "
        "with `-r` without `--log`: `system_destructive`\n"
    )
