"""The page on clients says what the suite of real clients plays, and for which versions."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_on_clients_lists_the_scenarios_and_the_versions() -> None:
    check = [sys.executable, "-m", "tests.clients.document", "--check"]
    assert subprocess.run(check, cwd=ROOT, check=False).returncode == 0, "run .ci/reference"
