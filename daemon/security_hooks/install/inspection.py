"""How each client's wiring stands on this machine: its settings as the client reads them, the hook line, and the proof.

The proof is a call that every policy denies, sent through the very command line that the client would start, in the way
in which it would: it must come back denied, and by the daemon's own word.
"""

import os
import pwd
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from security_hooks.install.files import read_settings
from security_hooks.install.places import Machine
from security_hooks.install.version import Present, present
from security_hooks.wiring.canary import RULE, canary, is_denied
from security_hooks.wiring.claude_report import claude_report
from security_hooks.wiring.codex_report import codex_report
from security_hooks.wiring.gemini_report import gemini_report
from security_hooks.wiring.limits import limits_of
from security_hooks.wiring.report import Remark, Report, Role, Settings
from security_hooks.wiring.table import CLIENTS, SHIM, Scope, WiredClient

SECONDS = 15
_REPORTS: Mapping[str, Callable[[tuple[Settings, ...]], Report]] = {
    "claude-code": claude_report,
    "gemini-cli": gemini_report,
    "codex-cli": codex_report,
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """One finding about one client; `state` is one of a remark's, or `open` for what no wiring closes."""

    client: str
    remark: Remark


def inspect(machine: Machine, project: Path | None, *, is_enforcing: bool) -> Iterator[Inspected]:
    """Look at every client that is here or wired; with `is_enforcing` prove that calls are denied."""
    for client in CLIENTS:
        here = present(client, machine)
        settings = settings_of(machine, client.name, project)
        report = report_of(client.name, settings)
        if here is None and not report.is_wired:
            continue
        for remark in _of_client(client, here, report, settings, is_enforcing=is_enforcing):
            yield Inspected(client.name, remark)


def settings_of(machine: Machine, client: str, project: Path | None) -> tuple[Settings, ...]:
    """Every settings file that decides, as it is now."""
    return tuple(read_settings(role, machine.on_disk(path), path) for role, path in machine.settings(client, project))


def report_of(client: str, settings: tuple[Settings, ...]) -> Report:
    """Whether our hooks are in force in a client with these settings."""
    return _REPORTS[client](settings)


def _of_client(
    client: WiredClient, here: Present | None, report: Report, settings: tuple[Settings, ...], *, is_enforcing: bool
) -> Iterator[Remark]:
    yield from _version(client, here)
    yield from report.remarks
    if report.hook is None:
        return
    words = _words(report.hook)
    shim = next((word for word in words if word.endswith(SHIM)), "")
    if not Path(shim).is_file():
        yield Remark(
            "bad", f"the hook names {shim or 'no shim'}, which is not there", f"security-hooks install {client.name}"
        )
    elif "--observe" in words:
        denied = "; what the guard denies is blocked all the same" if is_enforcing else ", and observing"
        yield Remark("well", f"wired{denied}")
    elif is_enforcing:
        yield _proof(client.name, report.hook)
    else:
        yield Remark("warning", "wired; without a daemon that enforces, nothing was proved", "security-hooks status")
    managed = any(file.role is Role.MANAGED and file.text is not None and SHIM in file.text for file in settings)
    for limit in limits_of(client.name, Scope.MANAGED if managed else Scope.USER):
        yield Remark("open", limit.what, limit.advice)


def _version(client: WiredClient, here: Present | None) -> Iterator[Remark]:
    if here is None:
        yield Remark("well", "wired, and not on this machine")
    elif here.version is None:
        yield Remark("warning", f"the version of {here.program} is not known", f"{client.program} --version")
    elif client.blocks_since is not None and here.version < client.blocks_since:
        yield Remark("bad", f"{_dotted(here)} lets calls through where a hook fails", f"upgrade {client.title}")
    elif here.version < client.tested:
        yield Remark(
            "warning", f"{_dotted(here)} is older than what the hooks were tried with", f"upgrade {client.title}"
        )


def _dotted(here: Present) -> str:
    return f"version {'.'.join(map(str, here.version or ()))} ({here.program})"


def _words(hook: Mapping[str, object]) -> list[str]:
    """The words of a hook line, quotes away; enough to find the shim in it."""
    arguments = hook.get("args")
    if isinstance(arguments, list):
        return [str(hook.get("command")), *map(str, arguments)]
    return str(hook.get("command")).replace("'", "").replace('"', "").replace("$(", " ").replace(")", " ").split()


def _proof(client: str, hook: Mapping[str, object]) -> Remark:
    mend = "security-hooks status"
    try:
        run = subprocess.run(
            command_of(client, hook),
            input=canary(client),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd="/",
            env=_environment(hook),
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Remark("bad", f"the hook line does not run: {error}", f"security-hooks install {client}")
    stdout, stderr = run.stdout.decode("utf-8", "replace"), run.stderr.decode("utf-8", "replace")
    if not is_denied(client, run.returncode, stdout, stderr):
        return Remark("bad", "a call that every policy denies was let through by the installed hook line", mend)
    if RULE not in stdout + stderr:
        return Remark("bad", "the installed hook line blocks, but not by the daemon's word", mend)
    return Remark("well", "wired; a call that every policy denies was denied by the installed hook line")


def command_of(client: str, hook: Mapping[str, object]) -> list[str]:
    """What the client would start for a hook."""
    command, arguments = str(hook.get("command")), hook.get("args")
    match client:
        case "claude-code":
            return [command, *map(str, arguments)] if isinstance(arguments, list) else ["/bin/sh", "-c", command]
        case "gemini-cli":
            return ["bash", "-c", command]
        case _:
            return [_login_shell(), "-c", command]


def _login_shell() -> str:
    try:
        shell = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return "bash"
    return shell if Path(shell).name in {"bash", "sh", "zsh"} else "bash"


def _environment(hook: Mapping[str, object]) -> dict[str, str]:
    extra = hook.get("env")
    return {**os.environ, **({str(k): str(v) for k, v in extra.items()} if isinstance(extra, dict) else {})}
