"""One request to one reply: the path of a hook call, and the one place where its failures become denials.

Takes the whole request of a peer of our own uid; gives the framed reply, at once or later. Nothing raised on the way
passes through here: it becomes a denying decision, is recorded, and is answered like any other. What cannot even be
answered gets an empty reply, the connection closes, and the shim denies.
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from security_hooks.audit.failure import AuditError
from security_hooks.clients import client_named
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.record import AuditRecord
from security_hooks.model.reply import HookReply
from security_hooks.policy.config_types import Limits
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service import wire
from security_hooks.service.ask_policy import ask_policy
from security_hooks.service.attempt import attempt
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.judge import failed
from security_hooks.service.pace import Pace
from security_hooks.service.peer import Peer
from security_hooks.service.restraint import Restraint


class Ruler(Protocol):
    """Who decides: `Rulings`. `pace` is the account of what dear calls cost the loop."""

    pace: Pace

    def rule(self, exchange: Exchange, payload: bytes) -> Decision | Awaitable[Decision]:
        """Decide on a payload, now or later; raises CallError."""


class Log(Protocol):
    """Where records go."""

    def append(self, record: AuditRecord) -> int:
        """Append and return the sequence number; raises AuditError."""


class AskDesk(Protocol):
    """Who offers and takes one-time permits: `Asks`."""

    def settle(self, exchange: Exchange, decision: Decision) -> tuple[Decision, str]:
        """The decision with a permit taken into account, and what to tell the person alone."""

    def listed(self, peer: Peer) -> bytes:
        """The answer to `@asks`."""

    def permit(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@permit`; raises AuditError."""


class ToolDesk(Protocol):
    """Who knows the tools that failed too often: `FailingTools`."""

    def clear(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@clear`; raises AuditError."""


class PruneDesk(Protocol):
    """Who removes old records of the log: `Retention`."""

    def answer(self, payload: bytes, peer: Peer) -> Awaitable[bytes]:
        """The answer to `@prune`."""


class GrantQuestions(Protocol):
    """Who answers a person's questions about grants and naps: `GrantDesk`."""

    def listed(self) -> bytes:
        """The answer to `@grants`."""

    async def add(self, payload: bytes, peer: Peer) -> bytes:
        """The answer to `@grant`; raises AuditError, CallError."""

    def revoke(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@revoke`; raises AuditError."""

    def nap(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@nap`; raises AuditError."""

    def wake(self, peer: Peer) -> bytes:
        """The answer to `@wake`."""


MOST_RESTING = 16
Watcher = Callable[[Exchange, Decision, HookReply], None]


class CallHandler:
    """Answers requests. `current` is the machine's policy in force; `watch` is told of every call that was answered,
    after its record; `restraints` are asked in their order, and then `ease` what a nap lets pass. `trouble` says in a
    line what a person should know when a session of a client starts, or nothing; `observes` whether verdicts bind
    nobody where there is no policy.
    """

    def __init__(
        self,
        rulings: Ruler,
        log: Log,
        current: Callable[[], Snapshot | None],
        status: Callable[[], bytes],
        watch: Watcher,
        asks: AskDesk,
        tools: ToolDesk,
        restraints: Sequence[Restraint],
        grants: GrantQuestions,
        ease: Callable[[Exchange, Decision], Decision] = lambda _, decision: decision,
        trouble: Callable[[str], str] = lambda _: "",
        retention: PruneDesk | None = None,
        observes: Callable[[], bool] = lambda: False,
    ) -> None:
        self._rulings = rulings
        self._log = log
        self._current = current
        self._status = status
        self._watch = watch
        self._asks = asks
        self._tools = tools
        self._restraints = restraints
        self._grants = grants
        self._ease = ease
        self._trouble = trouble
        self._retention = retention
        self._observes = observes
        self._uid = os.getuid()
        self._pace = rulings.pace
        self._resting = 0

    def whole(self, data: bytes, peer: Peer) -> bytes | Awaitable[bytes]:
        """Answer a whole request: at once, or later where its project's rules are not built or it is judged apart."""
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
        try:
            request = wire.decode_request(data)
        except CallError:
            exchange.name = wire.name_in_any_version(data)
            exchange.client = client_named(exchange.name)
            raise
        exchange.name = request.name
        if exchange.peer.uid == 0 != self._uid and request.name not in wire.BY_ROOT:
            # No reply: root has a daemon of its own, and asks here only to prove who a person is.
            return b""
        if request.name.startswith(wire.QUESTION):
            return self._answer_question(request, exchange.peer)
        client = exchange.client = client_named(request.name)
        if client is None:
            raise CallError(Failure(Reason.UNKNOWN_CLIENT, request.name))
        exchange.payload = request.payload
        begun = time.thread_time()
        ruling = self._rulings.rule(exchange, request.payload)
        if isinstance(ruling, Decision):
            return self._answer(exchange, client, ruling)
        return self._answer_later(exchange, client, ruling, time.thread_time() - begun)

    def _answer_question(self, request: wire.Request, peer: Peer) -> bytes | Awaitable[bytes]:
        match request.name:
            case wire.STATUS:
                return self._status()
            case wire.ASKS:
                return self._asks.listed(peer)
            case wire.PERMIT:
                return _recorded(self._asks.permit, request.payload, peer)
            case wire.CLEAR:
                return _recorded(self._tools.clear, request.payload, peer)
            case wire.PRUNE if self._retention is not None:
                return self._retention.answer(request.payload, peer)
            case wire.GRANTS:
                return self._grants.listed()
            case wire.GRANT:
                return _recorded_later(self._grants.add(request.payload, peer))
            case wire.REVOKE:
                return _recorded(self._grants.revoke, request.payload, peer)
            case wire.NAP:
                return _recorded(self._grants.nap, request.payload, peer)
            case wire.WAKE:
                return self._grants.wake(peer)
            case _:
                raise CallError(Failure(Reason.UNKNOWN_CLIENT, request.name))

    async def _answer_later(
        self, exchange: Exchange, client: Client, ruling: Awaitable[Decision], cost: float
    ) -> bytes:
        judging = asyncio.ensure_future(ruling)
        try:
            await asyncio.wait({judging})
            self._pace.charge(cost)
            await self._rest(min(self._pace.wait(), _patience(exchange)))
        finally:
            judging.cancel()
        begun = time.thread_time()
        answer = self._closed(exchange, lambda: self._answer(exchange, client, judging.result()))
        self._pace.charge(time.thread_time() - begun)
        return answer if isinstance(answer, bytes) else await answer

    async def _rest(self, seconds: float) -> None:
        """Keep an answer back; but not so many at once that no room is left for other calls."""
        if seconds > 0 and self._resting < MOST_RESTING:
            self._resting += 1
            try:
                await asyncio.sleep(seconds)
            finally:
                self._resting -= 1

    def _answer(self, exchange: Exchange, client: Client, decision: Decision) -> bytes:
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or snapshot is None:
            raise CallError(Failure(Reason.INTERNAL, "decided without an event or a policy"))
        for restraint in self._restraints:
            decision = restraint.restrict(exchange, decision)
        decision, note = self._asks.settle(exchange, self._ease(exchange, decision))
        how = AskPolicy.DENY if exchange.is_unasked else ask_policy(client, snapshot)
        if decision.verdict is Verdict.ASK:
            exchange.answered = (Verdict.ASK if how is AskPolicy.ASK else Verdict.DENY).word
        reply = client.encode(event, decision, how, note)
        reply = self._told(exchange, client, reply)
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

    def _told(self, exchange: Exchange, client: Client, reply: HookReply) -> HookReply:
        """Where nothing is refused, a person can be told at a session's start that the guard is not well, and at a
        prompt what came of what it said to the guard.
        """
        kind = None if exchange.event is None else exchange.event.kind
        if kind is EventKind.PROMPT:
            return client.tell(exchange.told) if exchange.told and _says_nothing(reply) else reply
        if kind is not EventKind.SESSION_START:
            return reply
        line = self._trouble(client.name)
        return client.tell(line) if line else reply

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
        snapshot = exchange.snapshot or self._current()
        decision = failed(failure, snapshot)
        if snapshot is None and self._observes():
            decision = replace(decision, verdict=Verdict.ALLOW)
        reply = _reply_to_failure(exchange, failure, decision)
        if exchange.client is not None:
            reply = self._told(exchange, exchange.client, reply)
        with contextlib.suppress(AuditError):
            self._record(exchange, decision, reply)
        self._watch(exchange, decision, reply)
        if exchange.client is not None or (decision.verdict is Verdict.ALLOW and _names_a_client(exchange.name)):
            return wire.encode_reply(reply)
        # Nobody to speak for: the connection closes without a reply, and the shim knows its client.
        return b""

    def _record(self, exchange: Exchange, decision: Decision, reply: HookReply) -> None:
        self._log.append(decision_record(time.time_ns(), exchange, decision, reply))


def _recorded(answer: Callable[[bytes, Peer], bytes], typed: bytes, peer: Peer) -> bytes:
    """The answer to a person's decision about the guard, which is refused where it cannot be recorded."""
    try:
        return answer(typed, peer)
    except AuditError as error:
        return _unrecorded(error)


def _unrecorded(error: AuditError) -> bytes:
    return json.dumps({"refused": f"it cannot be recorded: {error}"}).encode()


async def _recorded_later(answer: Awaitable[bytes]) -> bytes:
    """The same for an answer that takes a while; what has no policy is refused, too."""
    try:
        return await answer
    except AuditError as error:
        return _unrecorded(error)
    except CallError as error:
        return json.dumps({"refused": error.failure.row.agent}).encode()


def _names_a_client(name: str) -> bool:
    """Whether this may be a client that we do not know; all of them take silence for "no objection"."""
    return bool(name) and not name.startswith(wire.QUESTION)


def _says_nothing(reply: HookReply) -> bool:
    return reply.exit_status == 0 and reply.stdout in ("", "{}")


def _patience(exchange: Exchange) -> float:
    """How long the answer may still be kept back, in seconds."""
    limits = Limits() if exchange.snapshot is None else exchange.snapshot.config.limits
    return limits.analysis_milliseconds / 1000 - exchange.elapsed_us() / 1_000_000


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
