"""Looks at a client's settings when a session starts, a prompt is given, or they have changed under a session.

Hooks of ours that were there and are switched off on the disk will be missing in a later session: an alarm is recorded,
once for each trouble. It refuses nothing: a change is left to the guard's own rules, unless the machine's settings,
which only root can change, hold our hooks whatever else is said.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from security_hooks.install.files import changeable, read_settings
from security_hooks.install.inspection import report_of
from security_hooks.install.places import Machine, machine
from security_hooks.model.decision import Decision
from security_hooks.model.event import EventKind, HookEvent, Place
from security_hooks.model.record import Json
from security_hooks.policy.decide import no_objection
from security_hooks.policy.snapshot import Snapshot
from security_hooks.wiring.claude_change import may_hold_at_once
from security_hooks.wiring.report import Report, Role, Settings

SECONDS = 2.0
# A person's settings are some KiB; what is larger is not read while a call waits.
LARGEST = 256 << 10


class WiringWatch:
    """`home` is the person's; `alarm` records what a person should see; `may_hang` knows disks that may not answer.

    `is_roots` says whether root alone can change what is at a path.
    """

    def __init__(
        self,
        home: Path,
        alarm: Callable[[dict[str, Json]], None],
        may_hang: Callable[[str], bool] = lambda _: False,
        is_roots: Callable[[Path], bool] = lambda path: changeable(path) is None,
    ) -> None:
        self._home = home
        self._is_roots = is_roots
        self._may_hang = may_hang
        self._alarm = alarm
        self._seen: set[str] = set()
        self._troubles: dict[str, str] = {}
        self._known: dict[tuple[str, tuple[Settings, ...]], Report] = {}

    def trouble(self, client: str) -> str:
        """What was wrong with a client's wiring when it was last looked at; empty where nothing was."""
        return self._troubles.get(client, "")

    async def hear(self, event: HookEvent, place: Place, snapshot: Snapshot) -> Decision | None:
        """Decide on an event at which settings are looked at; None leaves a change of settings to the rules.

        Never raises for what the settings hold.
        """
        is_change = event.kind is EventKind.CONFIG_CHANGE
        try:
            report, is_held = await asyncio.wait_for(asyncio.to_thread(self._look, event, place), SECONDS)
        except TimeoutError:
            report, is_held = Report(True, None, ()), False
        why = "" if report.hook is not None else report.why_off() or "the settings could not be read in time"
        self._remember(event, report, why)
        return None if is_change and not is_held else no_objection(snapshot)

    def _remember(self, event: HookEvent, report: Report, why: str) -> None:
        """Hooks that were never there are no trouble: the shim may be wired in a way that we do not see."""
        if not why:
            self._seen.add(event.client)
            self._troubles.pop(event.client, None)
        elif report.is_wired or event.client in self._seen:
            if self._troubles.get(event.client) != why:
                self._alarm({"client": event.client, "event": event.name, "cwd": event.cwd, "alarm": why})
            self._troubles[event.client] = why

    def _look(self, event: HookEvent, place: Place) -> tuple[Report, bool]:
        """How the wiring stands, and whether the machine's settings hold it through a change of others."""
        here = _machine_of(event, self._home)
        found: dict[Path, Role] = {}
        for project in _projects(event, place):
            for role, path in here.settings(event.client, project):
                found.setdefault(path, role)
        settings = tuple(self._read(role, path) for path, role in found.items())
        key = (event.client, settings)
        report = self._known.get(key)
        if report is None:
            report = report_of(event.client, settings)
            # The files of the last time: what is asked at every prompt is worked out once.
            self._known = {key: report}
        if event.kind is not EventKind.CONFIG_CHANGE:
            return report, False
        roots_own = all(self._is_roots(path) for path, role in found.items() if role is Role.MANAGED)
        return report, roots_own and may_hold_at_once(event.settings_path, settings)

    def _read(self, role: Role, path: Path) -> Settings:
        if self._may_hang(str(path)):
            return Settings(role, str(path), None, "it is on a disk that may not answer", str(path))
        found = read_settings(role, path, path)
        if found.text is not None and len(found.text) > LARGEST:
            return Settings(role, str(path), None, f"it is larger than {LARGEST >> 10} KiB", str(path))
        return found


def _machine_of(event: HookEvent, home: Path) -> Machine:
    here = machine(None, home, {})
    if event.client_dir is None:
        return here
    told = Path(event.client_dir)
    match event.client:
        case "claude-code":
            return Machine(None, home, told, here.codex, here.gemini, is_darwin=here.is_darwin)
        case "codex-cli":
            return Machine(None, home, here.claude, told, here.gemini, is_darwin=here.is_darwin)
        case _:
            return Machine(None, home, here.claude, here.codex, told, is_darwin=here.is_darwin)


def _projects(event: HookEvent, place: Place) -> list[Path | None]:
    """Where the client may have been started: it reads the settings of that very directory, and does not tell it."""
    wanted = [Path(path) for path in (place.cwd, place.project) if path is not None]
    if event.kind is EventKind.CONFIG_CHANGE:
        # It stays below where it was started, and what has changed is there.
        changed = () if event.settings_path is None else (Path(event.settings_path).parent.parent,)
        wanted += [*(parent for path in wanted for parent in path.parents), *changed]
    return [None, *(path for path in wanted if path.is_absolute())]
