"""Prompts in which somebody speaks to the guard: a person's become grants, anybody else's are attempts, and alarm."""

from collections.abc import Callable
from datetime import datetime

from security_hooks.clients.client import Client
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.record import Json
from security_hooks.policy.config_types import Proof, Switch
from security_hooks.policy.grant_prompt import MARK, holds_mark, is_made_up, said_in
from security_hooks.service.exchange import Exchange
from security_hooks.service.granter import Granter
from security_hooks.service.grants import Grant
from security_hooks.service.peer import Peer
from security_hooks.service.typist import UNTOLD

_TERMINAL = "`security-hooks grants add` in a terminal does it"
_LONGEST = 400


class Spoken:
    """Hears prompts. `not_typed` says why one is not a person's; `alarm` records an attempt."""

    def __init__(
        self,
        granter: Granter,
        not_typed: Callable[[Peer, Client, HookEvent], str | None],
        alarm: Callable[[dict[str, Json]], None],
    ) -> None:
        self._granter = granter
        self._not_typed = not_typed
        self._alarm = alarm
        self._untold: list[str] = []

    async def hear(self, exchange: Exchange) -> None:
        """Act on what a prompt says to the guard, and put into `exchange.told` what came of it. Raises AuditError."""
        event, client, snapshot = exchange.event, exchange.client, exchange.snapshot
        if event is None or event.kind is not EventKind.PROMPT or client is None or snapshot is None:
            return
        prompt = event.prompt
        if not prompt or not holds_mark(prompt):
            return
        said = said_in(prompt)
        why_not = "another file system is seen from there" if exchange.is_unseen else None
        why_not = why_not or self._not_typed(exchange.peer, client, event)
        if why_not == UNTOLD:
            exchange.told = f"`{MARK}` does nothing here: {UNTOLD}; {_TERMINAL}"
        elif why_not is not None:
            if said or is_made_up(prompt):
                self._attempted(exchange, event, why_not)
            exchange.told = f"`{MARK}` does nothing here: {why_not}; {_TERMINAL}"
        elif snapshot.config.grants.prompt is Switch.OFF:
            exchange.told = f"`{MARK}` is switched off (`[grants] prompt`); {_TERMINAL}"
        elif snapshot.config.grants.require is Proof.SUDO:
            exchange.told = "grants need sudo here (`[grants] require`): `sudo security-hooks grants add`"
        elif not said:
            exchange.told = (
                f"`{MARK}` counts at the beginning of a line, outside of blocks of code, and in a long prompt first"
            )
        else:
            exchange.told = "; ".join([await self._grant(exchange, event, line) for line in said])

    def news(self) -> str:
        """What attempts no person was told of yet, in a line; empty without one. Told once."""
        if not self._untold:
            return ""
        line, more = self._untold[-1], len(self._untold) - 1
        self._untold.clear()
        return line + (f", and {more} more" if more else "")

    async def _grant(self, exchange: Exchange, event: HookEvent, line: str) -> str:
        snapshot = exchange.snapshot
        if snapshot is None:
            return ""
        made = await self._granter.make(
            line,
            None if exchange.place is None else exchange.place.project,
            snapshot,
            by="prompt",
            pid=exchange.peer.pid,
            client=event.client,
            session=event.session_id,
        )
        return told(made) if isinstance(made, Grant) else f"not granted: {made}"

    def _attempted(self, exchange: Exchange, event: HookEvent, why: str) -> None:
        line = f"a prompt tried to speak to the guard in a person's place: {why}"
        fields: dict[str, Json] = {
            "client": event.client,
            "event": event.name,
            "session": event.session_id,
            "cwd": event.cwd,
            "peer_pid": exchange.peer.pid,
            "prompt": (event.prompt or "")[:_LONGEST],
            "alarm": line,
        }
        self._alarm(fields)
        self._untold = [*self._untold[-8:], line]


def told(grant: Grant) -> str:
    """What a person is told of a grant of theirs."""
    end = datetime.fromtimestamp(grant.until).astimezone().strftime("%H:%M")
    session = " or the session's end" if grant.session else ""
    return (
        f"granted ({grant.id}): {grant.said} in {grant.project} until {end}{session}; `security-hooks grants` lists it"
    )
