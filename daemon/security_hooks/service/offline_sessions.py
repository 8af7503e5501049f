"""Judging several calls of sessions without a daemon: each by what its session did before, as the daemon would.

Where no disk is looked at, what earlier calls of the session wrote is all that exists.
"""

import os
import time
from collections import OrderedDict
from collections.abc import Mapping

from security_hooks.model.decision import Verdict
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import HookEvent, Place, ToolKind
from security_hooks.model.failure import Failure
from security_hooks.model.shell import CallFacts
from security_hooks.model.world import NOWHERE, Entry, World
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.attempt import attempt
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import Judgement, failed, judge
from security_hooks.service.lineage import Lineage
from security_hooks.service.offline import Offline
from security_hooks.service.peer import Peer
from security_hooks.service.sessions import Sessions
from security_hooks.service.summary import summary_of

MOST_FILES = 256
LONGEST = 65_536


class WrittenWorld:
    """A world in which only those files exist that were written."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def kind(self, path: str) -> Entry:
        """A file, or nothing."""
        return Entry.FILE if path in self._files else Entry.MISSING

    def real(self, path: str) -> str | None:
        """No path leads elsewhere."""
        return path

    def read(self, path: str, most: int) -> bytes | None:
        """What was written there."""
        content = self._files.get(path)
        return content if content is not None and len(content) <= most else None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        """Nobody knows a directory."""
        return None


class OfflineSessions:
    """Sessions of the calls that it is given, in their order."""

    def __init__(self, offline: Offline) -> None:
        self._offline = offline
        self._sessions = Sessions(Lineage(lambda _: ()))
        self._files: dict[str, OrderedDict[str, bytes]] = {}

    def event(self, event: HookEvent, home: str) -> Judgement:
        """Judge the next call of its session."""
        judgement = attempt(lambda: self._judge(event, home))
        return Judgement(None, failed(judgement, self._snapshot)) if isinstance(judgement, Failure) else judgement

    @property
    def _snapshot(self) -> Snapshot:
        return self._offline.snapshot

    def _judge(self, event: HookEvent, home: str) -> Judgement:
        cwd = event.cwd
        place = Place(cwd, home, self._offline.project_of(cwd, home) if cwd is not None else None)
        exchange = Exchange(Peer(os.getuid(), 0), event=event, place=place, snapshot=self._snapshot)
        session = self._sessions.view(exchange, self._snapshot)
        files = self._files.get(exchange.family)
        world: World = self._offline.world()
        if world is NOWHERE and files:
            world = WrittenWorld(files)
        judgement = judge(event, place, self._snapshot, int(time.time()), world, session)
        exchange.summary = summary_of(judgement.call)
        self._sessions.saw(exchange, judgement.decision)
        if judgement.call is not None and judgement.decision.verdict is not Verdict.DENY:
            _write(self._files.setdefault(exchange.family, OrderedDict()), judgement.call)
        return judgement


def _write(files: OrderedDict[str, bytes], call: CallFacts) -> None:
    """Keep what the call writes, as far as that is known; a part that is changed stands behind what there was."""
    commands = () if call.script is None else call.script.commands
    effects = [*call.effects, *(effect for command in commands for effect in command.effects)]
    for effect in effects:
        target, content = effect.target, effect.content
        if effect.kind is not EffectKind.WRITES or target is None or target.literal is None:
            continue
        known = content is not None and content.literal is not None
        before = files.pop(target.literal, b"") if call.tool.kind is not ToolKind.WRITE else b""
        if known and content is not None and content.literal is not None:
            files[target.literal] = (before + content.literal.encode("utf-8", "replace") + b"\n")[:LONGEST]
        while len(files) > MOST_FILES:
            files.popitem(last=False)
