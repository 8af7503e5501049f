"""Puts the hook into a client's settings, as a person does: by `security-hooks install`."""

import subprocess
import sys
from pathlib import Path

_INSTALL = Path(sys.executable).parent / "security-hooks"


def wire(client: str, home: Path, shim: Path, socket: Path, *more: str | Path) -> None:
    """Installs our hooks for the person whose home it is; raises RuntimeError with what was said otherwise."""
    _install((), home, client, "--shim", shim, "--socket", socket, *more)


def wire_machine(enter: tuple[str, ...], client: str, home: Path, shim: Path, socket: Path) -> None:
    """The same in the settings of the machine that `enter` leads to."""
    _install(enter, home, client, "--managed", "--shim", shim, "--socket", socket)


def _install(enter: tuple[str, ...], home: Path, *options: str | Path) -> None:
    done = subprocess.run(
        [*enter, _INSTALL, "install", *options, "--root", "/"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"`install` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
