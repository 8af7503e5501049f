"""What sessions did, kept for as long as it matters: bounded, expiring, and saved for the next start.

A call is judged by a view of its session's past; once it is answered it becomes part of that. Nested agents share the
memory of the session that started them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

import msgspec

from security_hooks.dsl.pathglobs import path_globs
from security_hooks.dsl.truth import Truth
from security_hooks.memory.history import History, Kept
from security_hooks.memory.reach import is_whole
from security_hooks.memory.traces import traced
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.deed import NOTHING, Deeds
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.event import EventKind, HookEvent, Outcome, ToolKind
from security_hooks.model.record import Json
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.word import Word
from security_hooks.policy.config_types import Switch
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import is_judged
from security_hooks.service.lineage import Lineage

MOST_SESSIONS = 256
# As many milliseconds as the configuration can ask for.
LONGEST = 168 * 3_600_000
_RESULTS = frozenset((EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE))
_WHOLE = frozenset((ToolKind.WRITE,))
_WRITES = EffectKind.WRITES


class _Session(msgspec.Struct, tag="session"):
    """A part of what is saved: the history of one family."""

    family: str
    kept: Kept


class _Tree(msgspec.Struct, tag="lineage"):
    """A part of what is saved: who belongs to whom."""

    families: dict[str, str]
    processes: list[tuple[int, int, str]]


_DECODER: msgspec.msgpack.Decoder[_Session | _Tree] = msgspec.msgpack.Decoder(_Session | _Tree)


class Sessions:
    """Histories by family, the last MOST_SESSIONS. `clock` is Unix time in nanoseconds."""

    def __init__(self, lineage: Lineage, clock: Callable[[], int] = time.time_ns) -> None:
        self._lineage = lineage
        self._clock = clock
        self._histories: OrderedDict[str, History] = OrderedDict()

    def view(self, exchange: Exchange, snapshot: Snapshot) -> SessionView:
        """What a call is judged by; fills in the family of the exchange."""
        event = exchange.event
        if event is None or snapshot.config.memory.sessions is Switch.OFF:
            return NO_SESSION
        session = f"{event.client}/{event.session_id}"
        begins = event.kind is EventKind.SESSION_START
        exchange.family = self._lineage.family(session, exchange.peer.pid, begins=begins)
        history = self._histories.get(exchange.family)
        if history is None:
            return NO_SESSION
        now = self._clock() // 1_000_000
        if now - history.used > snapshot.config.memory.hours * 3_600_000:
            del self._histories[exchange.family]
            return NO_SESSION
        return history.view(snapshot.index.questions, now)

    def saw(self, exchange: Exchange, decision: Decision) -> None:
        """A call was answered."""
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or snapshot is None or not exchange.family:
            return
        now = self._clock() // 1_000_000
        if event.kind in _RESULTS:
            history = self._histories.get(exchange.family)
            call = _call(event)
            if history is not None and call is not None:
                history.ended(call, failed=event.outcome is Outcome.FAILED, now=now)
            return
        if event.kind is not EventKind.PRE_TOOL or not is_judged(event) or _is_refused(exchange, decision):
            return
        history = self._history(exchange.family)
        history.used = now
        summary = exchange.summary
        deeds = NOTHING if summary is None else summary.deeds
        history.saw(decision.met, _call(event), _written(deeds), now)
        gives_all = event.tool is not None and event.tool.kind in _WHOLE
        is_worth = _worth_following(exchange, snapshot)
        is_shared = _shared(exchange)
        history.follow(traced(history.traces, deeds, is_worth, whole=gives_all, is_shared=is_shared))

    def taint(self, client: str, session: str) -> None:
        """Something ran in a session that nobody was asked about: what it and those it belongs to did is not known."""
        self._history(self._lineage.known(f"{client}/{session}")).taint(self._clock() // 1_000_000)

    def report(self) -> dict[str, Json]:
        """Plain data for `status`."""
        unseen = sum(history.ran_unseen for history in self._histories.values())
        return {"sessions": len(self._histories), "ran_unseen": unseen}

    def dump(self, now: int) -> Iterator[bytes]:
        """All of it in parts, the latest session first, but for what has expired by `now` (Unix seconds)."""
        since = now * 1_000 - LONGEST
        yield msgspec.msgpack.encode(_Tree(*self._lineage.plain()))
        for family, history in reversed(list(self._histories.items())):
            if history.used > since:
                yield msgspec.msgpack.encode(_Session(family, history.kept()))

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        """Take up what was dumped. Raises msgspec.DecodeError, msgspec.ValidationError."""
        since = now * 1_000 - LONGEST
        for part in parts:
            match _DECODER.decode(part):
                case _Tree(families=families, processes=processes):
                    self._lineage.restore(families, processes)
                case _Session(family=family, kept=kept) if kept.used > since:
                    self._histories[family] = History(kept)
                    self._histories.move_to_end(family, last=False)
                    self._bound()

    def _history(self, family: str) -> History:
        history = self._histories.get(family)
        if history is None:
            history = self._histories[family] = History()
            self._bound()
        else:
            self._histories.move_to_end(family)
        return history

    def _bound(self) -> None:
        while len(self._histories) > MOST_SESSIONS:
            self._histories.popitem(last=False)


def _is_refused(exchange: Exchange, decision: Decision) -> bool:
    """Whether the client was told not to run the call: a question that it cannot put is a denial."""
    return decision.verdict is Verdict.DENY or exchange.answered == Verdict.DENY.word


def _call(event: HookEvent) -> str | None:
    """What joins a call and its result: the client's own id, or what the call says where it has none."""
    tool = event.tool
    if tool is None:
        return None
    if tool.call_id:
        return f"{event.session_id} {tool.call_id}"
    # The same after a restart, which `hash` is not.
    said = msgspec.msgpack.encode((event.session_id, tool.name, tool.script, tool.paths, tool.urls, tool.strings))
    return blake2b(said, digest_size=12).hexdigest()


def _written(deeds: Deeds) -> list[str]:
    return [
        deed.target
        for deed in deeds.deeds
        if deed.kind is _WRITES and deed.target is not None and not deed.remote and deed.scope is not Scope.DEVICE
    ]


def _shared(exchange: Exchange) -> Callable[[str], bool]:
    place = exchange.place
    home, project = ("/", None) if place is None else (place.home, place.project)
    return lambda path: is_whole(path, home, project)


def _worth_following(exchange: Exchange, snapshot: Snapshot) -> Callable[[str], bool]:
    home = exchange.place.home if exchange.place is not None else "/"

    def is_worth(path: str) -> bool:
        # Kept where they were made; looked for only where a call copies something.
        sensitive = path_globs(snapshot.config.lists.get("sensitive_paths", ()))
        return sensitive.itself(Word((path,), (0, 0), path), home) is Truth.YES

    return is_worth
