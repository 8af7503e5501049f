"""Writes into docs/clients.md what the suite proves; with `--check` only says whether the page is as it should be."""

import sys
from pathlib import Path

from tests.clients.programs import PROGRAMS
from tests.clients.scenarios import SCENARIOS

PAGE = Path(__file__).parents[2] / "docs/clients.md"
_BEGIN = "<!-- written by tests/clients/document.py -->\n"
_END = "<!-- end -->\n"


def table() -> str:
    """The scenarios as a Markdown table, a column for each program."""
    heads = [f"{program.package} {program.version}" for program in PROGRAMS]
    lines = [f"| Scenario | What is shown | {' | '.join(heads)} |", "| --- | --- |" + " --- |" * len(heads)]
    for scenario in SCENARIOS:
        cells = [program.tools.missing.get(scenario.needs, "proven") for program in PROGRAMS]
        lines.append(f"| {scenario.name} | {scenario.shows} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or check it."""
    page = PAGE.read_text()
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    wanted = f"{before}{_BEGIN}{table()}{_END}{after}"
    if sys.argv[1:] == ["--check"]:
        return 0 if page == wanted else 1
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
