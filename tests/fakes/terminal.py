"""A terminal of its own for a command that a person would type."""

import subprocess
import sys
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
# Leaves its parents behind first, so that it does not matter whether an agent runs these tests.
_AT_TERMINAL = """
import os, pty, sys
report = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
if os.fork():
    os._exit(0)
os.setsid()
said = []
def read(descriptor):
    said.append(os.read(descriptor, 65536))
    return said[-1]
status = os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read))
os.write(report, str(status).encode() + b"\\n" + b"".join(said))
"""


def run_at_terminal(daemon: Any, *command: str | Path) -> tuple[int, str]:
    """Run a program in a session with a terminal of its own: its exit status, and what it printed."""
    report = daemon.place / "said"
    report.unlink(missing_ok=True)
    # Its streams are those of what it leaves behind, so that their end is the end of all.
    subprocess.run(
        [sys.executable, "-c", _AT_TERMINAL, report, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=True,
    )
    status, _, said = report.read_text().partition("\n")
    return int(status), said


def ours_at_terminal(daemon: Any, *words: str, above: tuple[str, ...] = (), socket: bool = True) -> tuple[int, str]:
    """The same for a command of ours; `above` is the program that starts it."""
    return run_at_terminal(
        daemon, *above, BIN / "security-hooks", *words, *(("--socket", daemon.socket) if socket else ())
    )
