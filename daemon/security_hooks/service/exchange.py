"""One call on its way through the daemon."""

import time

import msgspec

from security_hooks.clients.client import Client
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Permit
from security_hooks.service.summary import Summary


class Exchange(msgspec.Struct):
    """What is known of one call so far; filled in on its way, so that a failure can tell how far it came. `root` is the
    project whose own rules hold for it, too. `is_unseen`: the peer's paths lead elsewhere than ours. Of an ask, `call`
    is the call's digest, `permit` the one taken for it, `answered` the verdict that the client was given; `is_unasked`:
    no person is to be asked about it. `family` is the key of the session that this one is part of: its own, or that of
    the agent that started it; `session` is what is remembered of it.
    `told` is a line for the person beside the answer; `is_nap`: a nap took an objection away.
    """

    peer: Peer
    started: int = msgspec.field(default_factory=time.perf_counter_ns)
    name: str = ""
    client: Client | None = None
    event: HookEvent | None = None
    place: Place | None = None
    root: str | None = None
    summary: Summary | None = None
    snapshot: Snapshot | None = None
    is_unseen: bool = False
    payload: bytes = b""
    call: str | None = None
    permit: Permit | None = None
    answered: str | None = None
    told: str = ""
    is_nap: bool = False
    family: str = ""
    session: SessionView = NO_SESSION
    is_unasked: bool = False

    def elapsed_us(self) -> int:
        """Microseconds since the request was whole."""
        return (time.perf_counter_ns() - self.started) // 1000
