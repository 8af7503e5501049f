"""Where things are: the socket, the configuration, the state and the shipped files.

The socket's default must be the very path that the shim computes, so the home directory is read from
`/etc/passwd` by our own code here as there: no NSS, no environment variable.
"""

import os
import sys
from pathlib import Path


def home_of(uid: int, passwd: Path = Path("/etc/passwd")) -> Path | None:
    """The home directory in the first `/etc/passwd` line with this uid; None without one or if not absolute."""
    try:
        lines = passwd.read_bytes().split(b"\n")
    except OSError:
        return None
    for line in lines:
        fields = line.split(b":")
        if len(fields) >= 7 and fields[2] == str(uid).encode():
            home = fields[5]
            return Path(os.fsdecode(home)) if home.startswith(b"/") else None
    return None


def default_socket(uid: int) -> Path | None:
    """The socket's path without `--socket` (DESIGN: fixed interfaces); None where no home is known."""
    if sys.platform == "darwin":
        home = home_of(uid)
        return home / "Library/Caches/security-hooks/hook.sock" if home else None
    runtime = Path(f"/run/user/{uid}")
    if runtime.is_dir():
        return runtime / "security-hooks/hook.sock"
    home = home_of(uid)
    return home / ".local/state/security-hooks/run/hook.sock" if home else None


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    root = Path(value) if value.startswith("/") else Path.home() / fallback
    return root / "security-hooks"


def config_dir(given: Path | None) -> Path:
    """The user layer: `--config-dir`, else `$XDG_CONFIG_HOME/security-hooks`."""
    return given if given is not None else _xdg("XDG_CONFIG_HOME", ".config")


def state_dir(given: Path | None) -> Path:
    """Audit log and last good policy: `--state-dir`, else `$XDG_STATE_HOME/security-hooks`."""
    return given if given is not None else _xdg("XDG_STATE_HOME", ".local/state")


def store_path(state: Path) -> Path:
    """The store of the audit log in a state directory."""
    return state / "insight/store.sqlite"


def shipped_dir() -> Path:
    """The directory that holds the shipped `config.toml` and `rules/`: in the wheel, or the repository's root."""
    packaged = Path(__file__).parents[1] / "shipped"
    return packaged if packaged.is_dir() else Path(__file__).parents[3]


SYSTEM_DIR = Path("/etc/security-hooks")
