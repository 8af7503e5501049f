"""One call on its way through the daemon."""

import time

import msgspec

from security_hooks.clients.client import Client
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.shell import CallFacts
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.peer import Peer


class Exchange(msgspec.Struct):
    """What is known of one call so far; filled in on its way, so that a failure can tell how far it came."""

    peer: Peer
    started: int = msgspec.field(default_factory=time.perf_counter_ns)
    name: str = ""
    client: Client | None = None
    event: HookEvent | None = None
    place: Place | None = None
    call: CallFacts | None = None
    snapshot: Snapshot | None = None

    def elapsed_us(self) -> int:
        """Microseconds since the request was whole."""
        return (time.perf_counter_ns() - self.started) // 1000
