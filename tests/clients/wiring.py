"""Puts the hook into a client's settings, as a person does: by `security-hooks install`."""

import subprocess
import sys
from pathlib import Path

_INSTALL = Path(sys.executable).parent / "security-hooks"


def wire(client: str, home: Path, shim: Path, socket: Path) -> None:
    """Installs our hooks for the person whose home it is; raises RuntimeError with what was said otherwise."""
    options: list[str | Path] = ["--root", "/", "--shim", shim, "--socket", socket]
    done = subprocess.run(
        [_INSTALL, "install", client, *options],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"`install` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
