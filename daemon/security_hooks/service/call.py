"""One request to one reply: the path of a hook call, and the one place where its failures become denials.

Takes the whole request of a peer of our own uid; gives the framed reply. Nothing raised on the way passes
through here: it becomes a denying decision, is recorded, and is answered like any other. What cannot even be
answered gets an empty reply, the connection closes, and the shim denies.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from security_hooks.audit.failure import AuditError
from security_hooks.catalogue.entry import Catalogue
from security_hooks.clients import client_named
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.record import AuditRecord
from security_hooks.model.reply import HookReply
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service import wire
from security_hooks.service.attempt import attempt
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.judge import failed, judge
from security_hooks.service.peer import Peer
from security_hooks.service.script_memory import ScriptMemory


class Policies(Protocol):
    """Where snapshots come from."""

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        """The snapshot in force for a project, if it is built."""

    async def build_project(self, root: str | None) -> Snapshot:
        """Build what `snapshot_for` does not have; raises CallError."""


class Log(Protocol):
    """Where records go."""

    def append(self, record: AuditRecord) -> int:
        """Append and return the sequence number; raises AuditError."""


_ASK_POLICIES = {policy.value: policy for policy in AskPolicy}
Watcher = Callable[[Exchange, Decision, HookReply], None]


class CallHandler:
    """Answers requests. `watch` is told of every call that was answered, after its record."""

    def __init__(
        self,
        policies: Policies,
        log: Log,
        catalogue: Catalogue,
        place_of: Callable[[HookEvent], Place],
        status: Callable[[], bytes],
        watch: Watcher,
    ) -> None:
        self._policies = policies
        self._log = log
        self._catalogue = catalogue
        self._scripts = ScriptMemory()
        self._place_of = place_of
        self._status = status
        self._watch = watch

    def whole(self, data: bytes, peer: Peer) -> bytes | Awaitable[bytes]:
        """Answer a whole request: at once, or later where its project's rules are not built yet."""
        exchange = Exchange(peer)
        return self._closed(exchange, lambda: self._begin(exchange, data))

    def too_large(self, start: bytes, peer: Peer) -> bytes:
        """Answer a request over the size cap, of which only the start was kept."""
        return self._refuse(start, peer, Failure(Reason.REQUEST_TOO_LARGE, f"{len(start)} bytes kept"))

    def too_slow(self, start: bytes, peer: Peer) -> bytes:
        """Answer a request that was not whole in time."""
        return self._refuse(start, peer, Failure(Reason.REQUEST_TIMEOUT, f"{len(start)} bytes came"))

    def _closed(self, exchange: Exchange, step: Callable[[], "bytes | Awaitable[bytes]"]) -> bytes | Awaitable[bytes]:
        """Take a step on the path of a call; whatever it raises becomes a denial."""
        answer = attempt(step)
        return self._deny(exchange, answer) if isinstance(answer, Failure) else answer

    def _begin(self, exchange: Exchange, data: bytes) -> bytes | Awaitable[bytes]:
        request = wire.decode_request(data)
        exchange.name = request.name
        if request.name == wire.STATUS:
            return self._status()
        exchange.client = client_named(request.name)
        if exchange.client is None:
            raise CallError(Failure(Reason.UNKNOWN_CLIENT, request.name))
        exchange.event = exchange.client.decode(request.payload)
        exchange.place = self._place_of(exchange.event)
        snapshot = self._policies.snapshot_for(exchange.place.project)
        if snapshot is None:
            return self._answer_later(exchange, exchange.client, exchange.event, exchange.place)
        return self._answer(exchange, exchange.client, exchange.event, exchange.place, snapshot)

    async def _answer_later(self, exchange: Exchange, client: Client, event: HookEvent, place: Place) -> bytes:
        building = asyncio.ensure_future(self._policies.build_project(place.project))
        await asyncio.wait({building})
        answer = self._closed(exchange, lambda: self._answer(exchange, client, event, place, building.result()))
        return answer if isinstance(answer, bytes) else await answer

    def _answer(self, exchange: Exchange, client: Client, event: HookEvent, place: Place, snapshot: Snapshot) -> bytes:
        exchange.snapshot = snapshot
        judgement = judge(event, place, snapshot, self._catalogue, int(time.time()), self._scripts.read)
        exchange.call, decision = judgement.call, judgement.decision
        reply = client.encode(event, decision, _ask_policy(client, snapshot))
        framed = wire.encode_reply(reply)
        try:
            self._record(exchange, decision, reply)
        except AuditError as error:
            # A denial stands without its record, which the log counts as a gap; nothing else may go unrecorded.
            if decision.verdict is not Verdict.DENY and snapshot.config.audit.on_failure == "deny":
                decision = failed(Failure(Reason.AUDIT_UNAVAILABLE, str(error)), snapshot)
                reply = client.encode(event, decision, AskPolicy.DENY)
                framed = wire.encode_reply(reply)
        self._watch(exchange, decision, reply)
        return framed

    def _refuse(self, start: bytes, peer: Peer, failure: Failure) -> bytes:
        """Deny a request that is not whole: its header says whose language to speak, nothing else is read."""
        exchange = Exchange(peer)

        def name_client() -> bytes:
            exchange.name = wire.decode_request(start).name
            exchange.client = client_named(exchange.name)
            raise CallError(failure)

        answer = self._closed(exchange, name_client)
        return answer if isinstance(answer, bytes) else b""

    def _deny(self, exchange: Exchange, failure: Failure) -> bytes:
        """Record and answer a failure; in `observe` mode it blocks nothing, like any other verdict."""
        decision = failed(failure, exchange.snapshot or self._policies.snapshot_for(None))
        reply = _reply_to_failure(exchange, failure, decision)
        with contextlib.suppress(AuditError):
            self._record(exchange, decision, reply)
        self._watch(exchange, decision, reply)
        # Nobody to speak for: the connection closes without a reply, and the shim knows its client.
        return wire.encode_reply(reply) if exchange.client is not None else b""

    def _record(self, exchange: Exchange, decision: Decision, reply: HookReply) -> None:
        self._log.append(decision_record(time.time_ns(), exchange, decision, reply))


def _reply_to_failure(exchange: Exchange, failure: Failure, decision: Decision) -> HookReply:
    if decision.verdict is Verdict.ALLOW or exchange.client is None:
        # Every client takes silence with exit status 0 for "no objection".
        return HookReply(0)
    if exchange.event is None:
        return exchange.client.fail(failure)
    client, event = exchange.client, exchange.event
    reply = attempt(lambda: client.encode(event, decision, AskPolicy.DENY))
    # Where encoding is what failed, the answer that fits every event is left.
    return client.fail(failure) if isinstance(reply, Failure) else reply


def _ask_policy(client: Client, snapshot: Snapshot) -> AskPolicy:
    configured = snapshot.config.ask_by_client.get(client.name)
    return client.ask_policies[0] if configured is None else _ASK_POLICIES[configured]
