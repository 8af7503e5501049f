"""What the daemon asks of the process that judges calls, and what it hears back: plain data, by number."""

import msgspec

from security_hooks.model.decision import Decision
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import Failure
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.work import Discard, Stakes
from security_hooks.policy.built import Build
from security_hooks.service.summary import Summary


class UsePolicy(msgspec.Struct, frozen=True, tag="policy"):
    """Know this build as `generation` from now on, and forget some others."""

    number: int
    generation: int
    build: Build
    forget: tuple[int, ...] = ()


class OpenCall(msgspec.Struct, frozen=True, tag="open"):
    """Decode a payload and find where its call happens. The event is kept, to be judged under this number."""

    number: int
    client: str
    payload: bytes
    home: str


class JudgeCall(msgspec.Struct, frozen=True, tag="judge"):
    """Judge an event that came with this, or that was opened before; `now` is Unix time in seconds.

    `is_unseen`: who makes the call sees other files than we. `session` is what is remembered.
    """

    number: int
    generation: int
    now: int
    place: Place
    event: HookEvent | None = None
    opened: int = 0
    is_unseen: bool = False
    session: SessionView = NO_SESSION


class FindStakes(msgspec.Struct, frozen=True, tag="stakes"):
    """Find what each of these would throw away, in so many seconds altogether."""

    number: int
    discards: tuple[Discard, ...]
    home: str
    made_again: tuple[str, ...]
    seconds: float


Question = UsePolicy | OpenCall | JudgeCall | FindStakes


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The policy is known."""

    number: int


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The event, without what only judging needs, and its place. `root` is its project, if that has rules of its
    own.
    """

    number: int
    event: HookEvent
    place: Place
    root: str | None


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """The decision."""

    number: int
    decision: Decision
    summary: Summary | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why there is none."""

    number: int
    failure: Failure


class Found(msgspec.Struct, frozen=True, tag="found"):
    """What each discard would throw away, in their order."""

    number: int
    stakes: tuple[Stakes, ...]


Reply = Ready | Opened | Judged | Found | Failed
