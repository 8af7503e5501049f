"""The questions that a person's terminal puts about grants and naps."""

import json
import os
from collections.abc import Awaitable, Callable

import msgspec

from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.policy.config_types import GrantSettings, Proof
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.granter import Granter
from security_hooks.service.grants import Grant, Grants
from security_hooks.service.nap import Nap
from security_hooks.service.peer import Peer


class Asked(msgspec.Struct, frozen=True):
    """What `grants add` asks for."""

    text: str
    directory: str


class GrantDesk:
    """Answers them. `current` is the machine's policy, `place` finds the project of a directory with what is in force
    there (or raises CallError), `object_to` says why a process is not taken for a person's, `append` writes a record or
    raises AuditError; `uid` is the daemon's own.
    """

    def __init__(
        self,
        grants: Grants,
        granter: Granter,
        nap: Nap,
        current: Callable[[], Snapshot | None],
        place: Callable[[str], Awaitable[tuple[str | None, Snapshot]]],
        object_to: Callable[[int], str | None],
        append: Callable[[AuditRecord], int],
        uid: int | None = None,
    ) -> None:
        self._grants = grants
        self._granter = granter
        self._nap = nap
        self._current = current
        self._place = place
        self._object_to = object_to
        self._append = append
        self._uid = os.getuid() if uid is None else uid

    def listed(self) -> bytes:
        """The answer to `@grants`: what holds now."""
        return _answer({"grants": [_fields(grant, self._grants.now()) for grant in self._grants.all()]})

    async def add(self, payload: bytes, peer: Peer) -> bytes:
        """The answer to `@grant`; raises AuditError."""
        try:
            asked = msgspec.json.decode(payload, type=Asked)
        except msgspec.DecodeError:
            return _answer({"refused": "that is no question of this version", "usage": True})
        project, snapshot = await self._place(asked.directory)
        refused = self._refusal(peer, snapshot.config.grants)
        if refused is not None:
            self._record(RecordKind.GRANT, {"refused": refused, "peer_pid": peer.pid})
            return _answer({"refused": refused})
        made = await self._granter.make(asked.text, project, snapshot, by="terminal", pid=peer.pid)
        if isinstance(made, str):
            return _answer({"refused": made, "unknown": True})
        return _answer({"granted": _fields(made, self._grants.now())})

    def revoke(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@revoke`; raises AuditError."""
        identity = typed.decode("ascii", "replace").strip().upper()
        refused = self._refusal(peer, self._settings)
        if refused is not None or not self._grants.has(identity):
            return _answer({"refused": refused or f"no grant has the id {identity}", "unknown": refused is None})
        self._record(RecordKind.GRANT, {"id": identity, "revoked": True, "peer_pid": peer.pid})
        try:
            grant = self._grants.revoke(identity)
        except OSError as error:
            return _answer({"refused": f"it is over, but not for the next start: {error.strerror}"})
        return _answer({"revoked": identity if grant is None else grant.said})

    def nap(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@nap`, whose payload are seconds; raises AuditError."""
        text = typed.decode("ascii", "replace")
        seconds = int(text) if text.isdigit() and len(text) <= 8 else 0
        settings = self._settings
        refused = self._refusal(peer, settings)
        if refused is None and seconds > settings.max_minutes * 60:
            refused = f"that is longer than {settings.max_minutes} minutes (`[grants] max_minutes`)"
        if refused is not None or seconds <= 0:
            refused = refused or "that is no time"
            self._record(RecordKind.NAP, {"refused": refused, "peer_pid": peer.pid})
            return _answer({"refused": refused})
        self._record(RecordKind.NAP, {"began": True, "seconds": seconds, "peer_pid": peer.pid})
        return _answer({"napping": True, "until": self._nap.begin(seconds), "seconds": seconds})

    def wake(self, peer: Peer) -> bytes:
        """The answer to `@wake`: to be stricter needs a person, but no sudo."""
        refused = self._object_to(peer.pid)
        if refused is not None:
            return _answer({"refused": refused})
        return _answer({"woken": self._nap.end("a person woke it")})

    def report(self) -> dict[str, Json]:
        """Plain data for `status`."""
        left = round(self._nap.left()) if self._nap.is_on() else 0
        return {"nap_seconds": left, "grants": [_fields(grant, self._grants.now()) for grant in self._grants.all()]}

    @property
    def _settings(self) -> GrantSettings:
        snapshot = self._current()
        return GrantSettings() if snapshot is None else snapshot.config.grants

    def _refusal(self, peer: Peer, settings: GrantSettings) -> str | None:
        refused = self._object_to(peer.pid)
        if refused is not None or settings.require is Proof.TERMINAL:
            return refused
        if self._uid == 0:
            return '`[grants] require = "sudo"` proves nothing of a daemon that is root\'s own'
        return None if peer.uid == 0 else "this needs sudo (`[grants] require`): run it with `sudo`"

    def _record(self, kind: RecordKind, fields: dict[str, Json]) -> None:
        self._append(AuditRecord(kind, int(self._grants.now() * 1e9), fields))


def _fields(grant: Grant, now: float) -> dict[str, Json]:
    return grant.fields() | {"seconds_left": max(0, round(grant.until - now)), "client": grant.client}


def _answer(fields: dict[str, Json]) -> bytes:
    return json.dumps(fields).encode("ascii")
