"""What `doctor` looks at: shim, socket, daemon, service, policy, log; each with the command that mends it.

Proves that calls are blocked by sending a canary through the real shim: a payload that no client sends, which the
daemon must refuse in each client's own way. Changes nothing but for the canaries' records in the log.
"""

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from security_hooks import __version__
from security_hooks.clients import CLIENTS
from security_hooks.install.bundle import reinstall
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.policy.config_types import Mode
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.policy.source_layers import FILES
from security_hooks.service.inquiry import ask_status
from security_hooks.service.insight_examination import insight_of
from security_hooks.service.load import load_snapshot
from security_hooks.service.origin import Origin
from security_hooks.service.transcript_examination import transcripts_of

SHIM = "security-hooks-shim"
CANARY = b'{"canary":'
CANARY_SECONDS = 10
# Less is soon filled by a busy day.
_START = "security-hooks start"
LITTLE_ROOM = 64 << 20


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look."""

    socket: Path
    policy: PolicyDirectories
    state: Path


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at. `state` is `well`, `warning` or `bad`; `mend` is the command that helps, or empty."""

    what: str
    state: str
    finding: str
    mend: str = ""


def examine(places: Places) -> Iterator[Examined]:
    """Look at everything, in the order in which things depend on each other."""
    shim = find_shim()
    yield _shim(shim)
    yield from _directories(places)
    yield from _socket(places.socket)
    status, silence = _status(places.socket)
    yield _daemon(places.socket, status, silence)
    if status is not None:
        yield _service(status.get("started"))
        yield from (Examined("transcripts", *found) for found in transcripts_of(status))
    yield _audit(places.state / "audit", status)
    if status is not None:
        yield from (Examined(*found) for found in insight_of(status, time.time()))
    snapshot: Snapshot | None = None
    try:
        snapshot = load_snapshot(places.policy, None)
    except PolicyError as error:
        lint = "security-hooks rules lint"
        yield from (Examined("policy", "bad", str(diagnostic), lint) for diagnostic in error.diagnostics)
    if snapshot is not None:
        yield _policy(snapshot, status, Path(places.policy.config) / FILES[0])
    if shim is not None and status is not None and snapshot is not None and snapshot.config.mode is Mode.ENFORCE:
        yield from (_canary(shim, client.name, places.socket) for client in CLIENTS)


def find_shim() -> Path | None:
    """The shim of this installation; None without one."""
    beside = Path(sys.executable).parent / SHIM
    if beside.exists():
        return beside
    found = shutil.which(SHIM)
    return Path(found) if found is not None else None


def _shim(shim: Path | None) -> Examined:
    if shim is None:
        return Examined("shim", "bad", f"{SHIM} is not installed", reinstall())
    try:
        run = subprocess.run([shim, "--version"], capture_output=True, text=True, timeout=CANARY_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Examined("shim", "bad", f"{shim} does not run: {error}", reinstall())
    if __version__ not in run.stdout.split():
        finding = f"{shim} says `{run.stdout.strip()}`, this is version {__version__}"
        return Examined("shim", "warning", finding, reinstall())
    return Examined("shim", "well", f"{shim}, version {__version__}")


def _directories(places: Places) -> Iterator[Examined]:
    """Whoever may write to these decides what is allowed."""
    rows = (("socket", places.socket.parent), ("config", Path(places.policy.config)), ("state", places.state))
    for what, directory in rows:
        try:
            status = directory.stat()
        except OSError:
            continue
        if status.st_uid not in {os.getuid(), 0}:
            yield Examined(what, "bad", f"{directory} belongs to uid {status.st_uid}", f"sudo chown $USER {directory}")
        elif status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
            yield Examined(what, "bad", f"others may write to {directory}", f"chmod go-w {directory}")
        else:
            yield Examined(what, "well", f"{directory} is ours alone")


def _socket(socket: Path) -> Iterator[Examined]:
    """Whoever may connect learns what is asked; the daemon answers its own user alone."""
    try:
        status = socket.stat()
    except OSError:
        return
    if not stat.S_ISSOCK(status.st_mode):
        yield Examined("socket", "bad", f"{socket} is no socket, so no daemon can serve there", f"rm {socket}")
    elif status.st_uid not in {os.getuid(), 0}:
        yield Examined(
            "socket", "bad", f"{socket} is of uid {status.st_uid}, whose answers the shim refuses", f"sudo rm {socket}"
        )
    elif status.st_mode & 0o077:
        yield Examined("socket", "warning", f"others may connect to {socket}", f"chmod 600 {socket}")


def _service(started: Json) -> Examined:
    """Calls are blocked until somebody starts the daemon again, where nobody keeps it running."""
    if started in {Origin.SYSTEMD.value, Origin.LAUNCHD.value}:
        return Examined("service", "well", f"{started} keeps the daemon running")
    if started == Origin.ON_DEMAND.value:
        return Examined("service", "well", "started on demand; a session or a person starts it again")
    finding = "the daemon was started by hand, and nobody starts it again"
    return Examined("service", "warning", finding, "security-hooks service install")


def _status(socket: Path) -> tuple[dict[str, Json] | None, str]:
    try:
        return ask_status(socket), ""
    except StartupError as error:
        return None, str(error)


def _daemon(socket: Path, status: dict[str, Json] | None, silence: str) -> Examined:
    if status is None:
        return Examined("daemon", "bad", f"{silence}; until then every call is blocked", _START)
    if status.get("version") != __version__:
        finding = f"the running daemon is version {status.get('version')}, this is {__version__}"
        return Examined("daemon", "warning", finding, "security-hooks restart")
    if not status.get("well"):
        return Examined("daemon", "bad", "the daemon says it is not well", "security-hooks status")
    return Examined("daemon", "well", f"pid {status.get('pid')} answers on {socket}")


def _audit(directory: Path, status: dict[str, Json] | None) -> Examined:
    """Where the log cannot be written, every call is denied."""
    running = status.get("audit") if status is not None else None
    if isinstance(running, dict):
        if running.get("full"):
            what = "calls are not recorded" if _mode_of(status) == Mode.OBSERVE.value else "calls are denied"
            finding = f"the disk is full, so {what}: no record fits into {running.get('directory')}"
            return Examined("audit", "bad", finding, "make room there; it goes on by itself")
        if running.get("directory") != str(directory):
            return Examined("audit", "warning", f"the daemon writes to {running.get('directory')}, not to {directory}")
    try:
        room = shutil.disk_usage(directory).free
    except FileNotFoundError:
        return Examined("audit", "well", f"there is no log in {directory} yet")
    except OSError as error:
        return Examined("audit", "bad", f"{directory}: {error.strerror}", f"ls -ld {directory}")
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return Examined("audit", "bad", f"{directory} cannot be written", f"chmod u+rwx {directory}")
    if room < LITTLE_ROOM:
        return Examined("audit", "warning", f"{room >> 20} MiB are left for the log in {directory}", "make room there")
    return Examined("audit", "well", f"{directory} can be written")


def _mode_of(status: dict[str, Json] | None) -> Json:
    running = status.get("policy") if status is not None else None
    return running.get("mode") if isinstance(running, dict) else None


def _policy(snapshot: Snapshot, status: dict[str, Json] | None, file: Path) -> Examined:
    running = status.get("policy") if status is not None else None
    if isinstance(running, dict) and running.get("digest") not in {snapshot.digest, ""}:
        finding = "the daemon's policy is not the one on disk"
        return Examined("policy", "bad", finding, "security-hooks status, with the daemon's own directories")
    if snapshot.config.mode is Mode.OBSERVE:
        mend = f'take `mode = "observe"` out of {file}, then security-hooks install --all'
        return Examined("policy", "warning", "observe mode: nothing is blocked", mend)
    return Examined("policy", "well", f"{len(snapshot.rules)} rules, digest {snapshot.digest[:12]}")


def _canary(shim: Path, client: str, socket: Path) -> Examined:
    command: list[str | Path] = [shim, client, "--socket", socket]
    try:
        run = subprocess.run(command, input=CANARY, capture_output=True, timeout=CANARY_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Examined("canary", "bad", f"{client}: {error}", "security-hooks status")
    is_blocked = run.returncode == 2 or b'"deny"' in run.stdout or b'"block"' in run.stdout
    if not is_blocked:
        return Examined(
            "canary", "bad", f"{client}: a call that must be blocked was let through", "security-hooks restart"
        )
    if b"payload could not be read" not in run.stdout + run.stderr:
        return Examined(
            "canary", "bad", f"{client}: the shim blocks, but not by the daemon's word", "security-hooks status"
        )
    return Examined("canary", "well", f"{client}: an unreadable call was blocked by the daemon")
