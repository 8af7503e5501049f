"""docs/failures.md tells of every failure in the very words of the code, and names a test for each."""

import re
from pathlib import Path

from security_hooks.model.failure import FAILURES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/failures.md").read_text()


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    lines = PAGE.split(f"\n## {heading}\n")[1].splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("| ---"))
    rows = []
    for line in lines[begin + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def shim_texts() -> list[list[str]]:
    """Reason, what failed and what mends it, as the shim's own table has them."""
    source = (ROOT / "shim/clients.c").read_text()
    doctor = re.search(r'#define DOCTOR "([^"]+)"', source)
    assert doctor is not None
    rows = re.findall(r'\[(\w+)\] = \{("[^"]+"),\s*([^}]+)\}', source.replace("DOCTOR", f'"{doctor[1]}"'))
    return [[name, *("".join(re.findall(r'"([^"]*)"', text)) for text in texts)] for name, *texts in rows]


def test_every_failure_of_the_shim_is_told_in_its_words() -> None:
    told = [[reason.strip("`"), what, mends] for reason, what, mends, _ in rows_below("In the shim")]
    assert len(told) > 10
    assert told == shim_texts()


def test_every_failure_of_the_daemon_is_told_in_its_words() -> None:
    told = [tuple(row[:3]) for row in rows_below("In the daemon, on the path of a call")]
    assert told == [(f"`{row.reason.value}`", row.agent, row.log) for row in FAILURES]


def test_every_row_of_every_table_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and not re.match(r"\| ---|.*\| Test \|$", line)]
    assert len(rows) > 50
    assert [row for row in rows if not re.search(r"`tests/[\w/]+\.py::\w+` \|$", row)] == []
