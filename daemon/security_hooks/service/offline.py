"""Judging without a daemon, for `check` and `explain`: the same stages on the same policy, and nothing recorded."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from security_hooks.clients import client_named
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.failure import Failure, Reason
from security_hooks.model.world import NOWHERE, World
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.attempt import attempt
from security_hooks.service.directories import home_of
from security_hooks.service.judge import Judgement, failed, judge
from security_hooks.service.place import find_project


@dataclass(frozen=True, slots=True)
class Offline:
    """A policy and how to apply it. `project_of` finds the project of a directory below a home; `world` makes
    what one call sees of the disk.
    """

    snapshot: Snapshot
    project_of: Callable[[str, str], str | None]
    world: Callable[[], World] = lambda: NOWHERE

    def command(self, command: str, cwd: str, home: str, client: str = "claude-code") -> Judgement:
        """Judge a shell command as that client's shell tool would bring it."""
        return self.event(shell_event(command, cwd, client), home)

    def event(self, event: HookEvent, home: str) -> Judgement:
        """Judge an event that was decoded already."""
        judgement = attempt(lambda: self._judge(event, home))
        return self._failed(judgement) if isinstance(judgement, Failure) else judgement

    def placed(self, event: HookEvent, place: Place) -> Judgement:
        """Judge an event in a place that was found already."""
        judgement = attempt(lambda: judge(event, place, self.snapshot, int(time.time()), self.world()))
        return self._failed(judgement) if isinstance(judgement, Failure) else judgement

    def payload(self, client: str, payload: bytes, home: str) -> Judgement:
        """Judge a payload as that client sends it; what cannot be read is a failure, as it would be in the daemon."""
        known = client_named(client)
        if known is None:
            return self._failed(Failure(Reason.UNKNOWN_CLIENT, client))
        judgement = attempt(lambda: self._judge(known.decode(payload), home))
        return self._failed(judgement) if isinstance(judgement, Failure) else judgement

    def _failed(self, failure: Failure) -> Judgement:
        return Judgement(None, failed(failure, self.snapshot))

    def _judge(self, event: HookEvent, home: str) -> Judgement:
        cwd = event.cwd
        place = Place(cwd, home, self.project_of(cwd, home) if cwd is not None else None)
        return judge(event, place, self.snapshot, int(time.time()), self.world())


def shell_event(command: str, cwd: str, client: str = "claude-code") -> HookEvent:
    """What a client's shell tool brings that is about to run a command."""
    tool = ToolCall(name="Bash", kind=ToolKind.SHELL, script=command)
    return HookEvent(client, EventKind.PRE_TOOL, "PreToolUse", "check", cwd=cwd, tool=tool)


def real_home() -> str:
    """The home directory as the daemon knows it."""
    return str(home_of(os.getuid()) or os.environ.get("HOME", "/"))


def fictitious_project(cwd: str, home: str) -> str | None:
    """The project where nothing exists but what the case says: the directory itself, unless it is nobody's."""
    return find_project(cwd, home, exists=lambda _: False)
