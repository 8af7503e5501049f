"""The real clients against a scripted model and the real daemon: installs them, leaves the network, plays them all.

Exit status 0 if nothing failed; what was skipped is said with its reason.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.install import Unavailable, install
from tests.clients.programs import PROGRAMS

# Each way out of the network, the best first. With a PID name space of its own nothing can outlive the suite.
_WAYS = (
    ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("unshare", "--net"),
    ("unshare", "--map-root-user", "--net"),
)

_SECONDS = 470


def main() -> int:
    """Run the suite."""
    parser = argparse.ArgumentParser(prog="make e2e-clients", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="where the clients are installed")
    parser.add_argument("--client", choices=[program.name for program in PROGRAMS], help="only this one")
    parser.add_argument("--scenario", metavar="TEXT", default="", help="only those whose name has this in it")
    parser.add_argument("--keep", action="store_true", help="keep the directory of each run that failed")
    given = parser.parse_args()
    programs: dict[str, dict[str, str]] = {}
    for program in PROGRAMS:
        if given.client not in (None, program.name):
            continue
        try:
            programs[program.name] = {"binary": str(install(program, given.cache.resolve()))}
        except Unavailable as reason:
            programs[program.name] = {"missing": str(reason)}
    if all("missing" in found for found in programs.values()):
        print("real clients: skipped: " + "; ".join(sorted({found["missing"] for found in programs.values()})))
        return 0
    plan = {"programs": programs, "scenario": given.scenario, "keep": given.keep}
    play = [*_way_out(), sys.executable, "-m", "tests.clients.play", json.dumps(plan)]
    try:
        return subprocess.run(play, timeout=_SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"real clients: failed: not done after {_SECONDS} seconds")
        return 1


def _way_out() -> tuple[str, ...]:
    if shutil.which("unshare") is not None:
        for way in _WAYS:
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                return way
    return ()


if __name__ == "__main__":
    sys.exit(main())
