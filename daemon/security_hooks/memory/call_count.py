"""How many tool calls a session has made, in all and in the last minute. Pure.

A call counts once it is let through or put to a person. To try again what has failed costs nothing: the very same call,
once for each time that it failed, and no more than `MOST_RETRIES` times, so that failing on purpose buys nothing.
"""

from enum import Enum

import msgspec
from msgspec.structs import replace

MINUTE = 60.0
# The largest rate, and so the most that is remembered of a minute.
MOST_PER_MINUTE = 1_000
# Calls whose results may still come, and calls that failed; past that the oldest is forgotten, and its retry counts.
MOST_WAITING = 64
MOST_FAILED = 64
MOST_RETRIES = 3


class Excess(Enum):
    """Which limit a call would pass."""

    SESSION = "session"
    MINUTE = "minute"


class Caps(msgspec.Struct, frozen=True, gc=False):
    """How many calls a session may make in all, and in any minute; 0: any number."""

    session: int
    minute: int


class Failed(msgspec.Struct, frozen=True, gc=False):
    """A call that failed, by its content: how often its retry was made free, and whether it is now."""

    content: bytes
    freed: int
    is_free: bool


class Count(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of a session. `waiting` holds calls by the client's id (or content), each with its content."""

    calls: int = 0
    times: tuple[float, ...] = ()
    waiting: tuple[tuple[str | bytes, bytes], ...] = ()
    failed: tuple[Failed, ...] = ()


NOTHING = Count()


def excess(count: Count, content: bytes, caps: Caps, now: float) -> Excess | None:
    """The limit that one more call would pass; None where it may be made."""
    if _is_free(count, content):
        return None
    if caps.session and count.calls >= caps.session:
        return Excess.SESSION
    if caps.minute and len(_within(count.times, now)) >= caps.minute:
        return Excess.MINUTE
    return None


def wait(count: Count, caps: Caps, now: float) -> float:
    """Seconds until the rate lets a call through."""
    times = _within(count.times, now)
    return 0.0 if not caps.minute or len(times) < caps.minute else MINUTE - (now - times[-caps.minute])


def with_call(count: Count, call: str | bytes, content: bytes, now: float) -> Count:
    """The count once a call was let through or put to a person."""
    waiting = (*(item for item in count.waiting if item[0] != call), (call, content))[-MOST_WAITING:]
    times = _within(count.times, now)
    if _is_free(count, content):
        spent = tuple(replace(item, is_free=False) if item.content == content else item for item in count.failed)
        return replace(count, times=times, waiting=waiting, failed=spent)
    return replace(count, calls=count.calls + 1, times=(*times, now)[-MOST_PER_MINUTE:], waiting=waiting)


def with_result(count: Count, call: str | bytes, *, has_failed: bool) -> Count:
    """The count once the result of a call is known; of one that never counted, it stays as it is."""
    content = next((content for known, content in count.waiting if known == call), None)
    if content is None:
        return count
    count = replace(count, waiting=tuple(item for item in count.waiting if item[0] != call))
    if not has_failed:
        return count
    before = next((item for item in count.failed if item.content == content), Failed(content, 0, is_free=False))
    if before.freed >= MOST_RETRIES:
        return count
    others = tuple(item for item in count.failed if item.content != content)
    return replace(count, failed=(*others, Failed(content, before.freed + 1, is_free=True))[-MOST_FAILED:])


def _is_free(count: Count, content: bytes) -> bool:
    return any(item.is_free and item.content == content for item in count.failed)


def _within(times: tuple[float, ...], now: float) -> tuple[float, ...]:
    return tuple(at for at in times if now - at < MINUTE)
