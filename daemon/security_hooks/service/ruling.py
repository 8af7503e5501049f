"""A payload to a decision: at once on the loop, or later from the judging process.

Left to that process is what could hold the loop: payloads too large to decode or judge in passing, scripts that turn
out dear, and everything on a disk that may not answer. What the loop found meanwhile stands where it denies and the
process gives no answer. Fills in the exchange on the way.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from security_hooks.clients.events import SETTINGS_EVENTS
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, Place
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Limits
from security_hooks.policy.decide import no_objection
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.decision_memory import DecisionMemory
from security_hooks.service.exchange import Exchange
from security_hooks.service.isolation import Policy
from security_hooks.service.judge import HURRIED, ORDINARY, is_judged, look
from security_hooks.service.judging import Judged, Opened
from security_hooks.service.mounts import Mounts
from security_hooks.service.pace import Pace
from security_hooks.service.peer import Peer, sees_our_files
from security_hooks.service.place import Located, locate
from security_hooks.service.script_memory import ScriptMemory
from security_hooks.service.server_memory import ServerMemory
from security_hooks.service.summary import SummaryMemory
from security_hooks.service.world import ON_THE_LOOP, LocalWorld, UnseenWorld, is_elsewhere

# Decoding a megabyte takes milliseconds, and so does reading 16 KiB of script.
DECODED_HERE = 65_536
JUDGED_HERE = 8_192


class Policies(Protocol):
    """Where snapshots come from. `root` is a project that has rules of its own."""

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        """The snapshot in force for a project, if it is built."""

    async def build_project(self, root: str | None) -> Snapshot:
        """Build what `snapshot_for` does not have; raises CallError."""

    def build_of(self, generation: int) -> Build | None:
        """What the snapshot of this number was made of, while it is in force."""


class Isolated(Protocol):
    """Who judges apart: `Isolation`. Deadlines are the loop's time; all raise CallError."""

    async def open_call(self, client: str, payload: bytes, home: str, deadline: float) -> Opened:
        """Decode a payload and find its place."""

    async def judge(
        self,
        policy: Policy,
        place: Place,
        now: int,
        deadline: float,
        *,
        event: HookEvent | None = None,
        opened: int = 0,
        is_unseen: bool = False,
        session: SessionView = NO_SESSION,
    ) -> Judged:
        """Judge an event, or a call that was opened."""


class Wiring(Protocol):
    """Who looks at the clients' settings: `WiringWatch`."""

    async def hear(self, event: HookEvent, place: Place, snapshot: Snapshot) -> Decision | None:
        """Decide on an event at which settings are looked at; None leaves it to the rules."""


class Granted(Protocol):
    """Who puts a person's grants on top of a policy: `Granting`."""

    def over(self, base: Snapshot, project: str | None) -> Snapshot:
        """The snapshot that holds for calls in a project; raises CallError."""

    def build_of(self, generation: int) -> Build | None:
        """What a snapshot was made of, one with grants included."""


class Listening(Protocol):
    """Who hears what prompts say to the guard: `Spoken`."""

    async def hear(self, exchange: Exchange) -> None:
        """Act on it; raises AuditError."""


class Past(Protocol):
    """Who knows what sessions did: `Sessions`."""

    def view(self, exchange: Exchange, snapshot: Snapshot) -> SessionView:
        """What a call is judged by."""


class Rulings:
    """Rules on calls. `home` is that of the person; `placed` finds a place where the disk surely answers, `sees` says
    whether a peer's paths lead where ours do; `pace` is the account of what dear calls cost the loop.
    """

    def __init__(
        self,
        policies: Policies,
        isolation: Isolated,
        mounts: Mounts,
        home: str,
        placed: Callable[[str | None, str], Located] = locate,
        sees: Callable[[Peer], bool] = sees_our_files,
        wiring: Wiring | None = None,
        granted: Granted | None = None,
        spoken: Listening | None = None,
        past: Past | None = None,
    ) -> None:
        self._policies = policies
        self._isolation = isolation
        self._mounts = mounts
        self._home = home
        self._placed = placed
        self._sees = sees
        self._wiring = wiring
        self._granted = granted
        self._spoken = spoken
        self._past = past
        self._scripts = ScriptMemory()
        self._servers = ServerMemory()
        self._decisions = DecisionMemory()
        self._summaries = SummaryMemory()
        self.pace = Pace()

    def rule(self, exchange: Exchange, payload: bytes) -> Decision | Awaitable[Decision]:
        """Decide on a payload of the exchange's client; raises CallError, now or later."""
        if exchange.client is None:
            raise CallError(Failure(Reason.UNKNOWN_CLIENT, exchange.name))
        exchange.is_unseen = not self._sees(exchange.peer)
        if len(payload) > DECODED_HERE:
            return self._opened(exchange, exchange.client.name, payload)
        event = exchange.event = exchange.client.decode(payload)
        if event.cwd is not None and self._mounts.slow and is_elsewhere(event.cwd, self._mounts.slow):
            return self._opened(exchange, exchange.client.name, payload)
        located = self._placed(event.cwd, self._home)
        exchange.place, exchange.root = located.place, located.root
        snapshot = self._policies.snapshot_for(located.root)
        is_large = len(payload) > JUDGED_HERE
        if snapshot is None:
            return self._built(exchange, event, located, is_large=is_large)
        return self._ruled(exchange, event, located.place, snapshot, is_large=is_large)

    async def _built(self, exchange: Exchange, event: HookEvent, located: Located, *, is_large: bool) -> Decision:
        """Decide once the project's rules are built."""
        snapshot = await self._policies.build_project(located.root)
        ruling = self._ruled(exchange, event, located.place, snapshot, is_large=is_large)
        return ruling if isinstance(ruling, Decision) else await ruling

    def _ruled(
        self, exchange: Exchange, event: HookEvent, place: Place, snapshot: Snapshot, *, is_large: bool
    ) -> Decision | Awaitable[Decision]:
        snapshot = self._with_grants(snapshot, place)
        self._look_back(exchange, snapshot)
        if self._wiring is not None and event.kind in SETTINGS_EVENTS:
            return self._heard(self._wiring, exchange, event, place, snapshot, is_large=is_large)
        return self._judged(exchange, event, place, snapshot, is_large=is_large)

    async def _heard(
        self, wiring: Wiring, exchange: Exchange, event: HookEvent, place: Place, snapshot: Snapshot, *, is_large: bool
    ) -> Decision:
        decision = await self._told_by(wiring, exchange, event, place, snapshot)
        if decision is not None:
            return decision
        judged = self._judged(exchange, event, place, snapshot, is_large=is_large)
        return judged if isinstance(judged, Decision) else await judged

    async def _told_by(
        self, wiring: Wiring, exchange: Exchange, event: HookEvent, place: Place, snapshot: Snapshot
    ) -> Decision | None:
        """What the clients' settings decide on an event at which they are looked at; a prompt is heard as well."""
        decision = await wiring.hear(event, place, snapshot)
        if self._spoken is not None:
            await self._spoken.hear(exchange)
        # Of settings that we do not see nothing is known.
        return None if exchange.is_unseen and event.kind is EventKind.CONFIG_CHANGE else decision

    def _look_back(self, exchange: Exchange, snapshot: Snapshot) -> None:
        exchange.snapshot = snapshot
        if self._past is not None:
            exchange.session = self._past.view(exchange, snapshot)

    def _judged(
        self, exchange: Exchange, event: HookEvent, place: Place, snapshot: Snapshot, *, is_large: bool
    ) -> Decision | Awaitable[Decision]:
        if is_large and is_judged(event):
            return self._apart(exchange, snapshot, place, event)
        world = UnseenWorld() if exchange.is_unseen else LocalWorld(self._mounts.slow, ON_THE_LOOP)
        now = int(time.time())
        share = ORDINARY if self.pace.wait() == 0 else HURRIED
        judgement, is_enough = look(
            event,
            place,
            snapshot,
            now,
            self._scripts.read,
            world,
            share,
            self._servers.find,
            self._decisions.decide,
            exchange.session,
        )
        if judgement is None:
            return self._apart(exchange, snapshot, place, event)
        exchange.summary = self._summaries.of(judgement.call)
        return judgement.decision if is_enough else self._apart(exchange, snapshot, place, event, judgement.decision)

    def _apart(
        self, exchange: Exchange, snapshot: Snapshot, place: Place, event: HookEvent, first: Decision | None = None
    ) -> Awaitable[Decision]:
        policy = self._policy(snapshot)
        deadline, is_unseen = _deadline(snapshot), exchange.is_unseen
        judging = self._isolation.judge(
            policy,
            place,
            int(time.time()),
            deadline,
            event=event,
            is_unseen=is_unseen,
            session=exchange.session,
        )
        return _taken(exchange, judging, first)

    async def _opened(self, exchange: Exchange, client: str, payload: bytes) -> Decision:
        """Have a call opened and judged apart. The time in which its project's rules are built does not count."""
        now = asyncio.get_running_loop().time
        deadline = _deadline(self._policies.snapshot_for(None))
        opened = await self._isolation.open_call(client, payload, self._home, deadline)
        # Later than that it only is where the process had to be started first.
        left = deadline - now() if now() < deadline else _deadline(None) - now()
        exchange.event, exchange.place, exchange.root = opened.event, opened.place, opened.root
        snapshot = self._policies.snapshot_for(opened.root) or await self._policies.build_project(opened.root)
        snapshot = self._with_grants(snapshot, opened.place)
        self._look_back(exchange, snapshot)
        if self._wiring is not None and opened.event.kind in SETTINGS_EVENTS:
            decision = await self._told_by(self._wiring, exchange, opened.event, opened.place, snapshot)
            if decision is not None:
                return decision
        if not is_judged(opened.event):
            return no_objection(snapshot)
        policy = self._policy(snapshot)
        judging = self._isolation.judge(
            policy,
            opened.place,
            int(time.time()),
            now() + left,
            opened=opened.number,
            is_unseen=exchange.is_unseen,
            session=exchange.session,
        )
        return await _taken(exchange, judging, None)

    def _with_grants(self, snapshot: Snapshot, place: Place) -> Snapshot:
        return snapshot if self._granted is None else self._granted.over(snapshot, place.project)

    def _policy(self, snapshot: Snapshot) -> Policy:
        build = (self._granted or self._policies).build_of(snapshot.generation)
        if build is None:
            raise CallError(Failure(Reason.INTERNAL, f"the build of generation {snapshot.generation} is gone"))
        return Policy(snapshot.generation, build)


async def _taken(exchange: Exchange, judging: Awaitable[Judged], first: Decision | None) -> Decision:
    try:
        judged = await judging
    except CallError:
        if first is not None and first.would is Verdict.DENY:
            return first
        raise
    exchange.summary = judged.summary
    return judged.decision


def _deadline(snapshot: Snapshot | None) -> float:
    limits = Limits() if snapshot is None else snapshot.config.limits
    return asyncio.get_running_loop().time() + limits.analysis_milliseconds / 1000
