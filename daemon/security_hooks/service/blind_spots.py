"""The blind-spot meter: compares what clients write down of their tool uses with the calls that were answered.

A use that ran and was never asked about, or ran though it was denied, raises an alarm and taints its session. On the
path of a call an entry is kept, and no more; the rest comes later. A transcript is a client's word, and any process of
the person can change it: it proves that something went unseen, never that nothing did.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from os.path import realpath
from pathlib import Path

import msgspec

from security_hooks.audit.encode import timestamp
from security_hooks.clients import client_named
from security_hooks.clients.transcript import is_transcript
from security_hooks.install.places import machine
from security_hooks.model.decision import Decision, Severity, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.record import Json
from security_hooks.service.answered_calls import Match
from security_hooks.service.exchange import Exchange
from security_hooks.service.followed_session import FollowedSession
from security_hooks.service.transcript_messages import Finished, Followed, Seen
from security_hooks.service.transcript_process import TranscriptProcess

MOST_SESSIONS = 64
MOST_SHOWN = 20
LONGEST_NAME = 80
# Alarms of one session that are recorded; what comes after them is counted.
MOST_ALARMS = 20
# What is heard meanwhile is taken together; and how long the loop is held for it at a time.
GATHER_SECONDS = 0.05
SLICE_SECONDS = 0.000_1
# A call is answered before it runs; but what was heard of it may not have been taken yet.
GRACE_SECONDS = 0.25
# A session that nobody hears of any more.
IDLE_SECONDS = 86_400.0
# A transcript is looked at when it changes, and so often when a hook event comes.
LOOK_SECONDS = 1.0
_BEFORE = frozenset({EventKind.PRE_TOOL, EventKind.OTHER})
_AFTER = frozenset({EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE})
_Key = tuple[str, str]


class _Heard(msgspec.Struct, frozen=True, gc=False):
    """A call that was answered, and when (Unix time in seconds)."""

    event: HookEvent
    at: float
    is_denied: bool
    is_elsewhere: bool


class BlindSpots:
    """`process` reads the transcripts, which lie below `directories`, by client; `alarm` records what stands out, and
    `taint` remembers of a session, by client and id, that not all it did is known.
    """

    def __init__(
        self,
        process: TranscriptProcess,
        directories: Mapping[str, tuple[str, ...]],
        alarm: Callable[[dict[str, Json]], None],
        taint: Callable[[str, str], None],
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._process = process
        self._directories = directories
        self._alarm = alarm
        self._taint = taint
        self._grace_seconds = grace_seconds
        self._is_on = False
        self._heard: deque[_Heard] = deque()
        self._wanted = asyncio.Event()
        self._sessions: OrderedDict[_Key, FollowedSession] = OrderedDict()
        self._gone: list[_Key] = []
        self._recent: deque[dict[str, Json]] = deque(maxlen=MOST_SHOWN)
        self._untold = 0

    def use(self, *, enabled: bool) -> None:
        """Whether transcripts are followed from now on."""
        if self._is_on and not enabled:
            self._heard.clear()
            self._wanted.set()
        self._is_on = enabled

    def note(self, exchange: Exchange, decision: Decision) -> None:
        """A call was answered; on the path of every call."""
        event = exchange.event
        if event is None or not self._is_on:
            return
        is_denied = decision.verdict is Verdict.DENY or exchange.answered == Verdict.DENY.word
        self._heard.append(_Heard(event, time.time(), is_denied, exchange.is_unseen))
        self._wanted.set()

    def news(self) -> str:
        """What went unseen and no person was told of yet, in a line; empty where nothing did. Told once."""
        if not self._untold or not self._recent:
            return ""
        more = f", and {self._untold - 1} more" if self._untold > 1 else ""
        self._untold = 0
        return f"a tool use was not guarded: {self._recent[-1]['alarm']}{more}; see `security-hooks status`"

    def report(self) -> dict[str, Json]:
        """Plain data for `status`: the sessions heard of last, and what went unseen."""
        now = time.time()
        shown = list(self._sessions.values())[-MOST_SHOWN:]
        sessions: list[Json] = [session.report(now) for session in shown if session.answered]
        alarms: list[Json] = [dict(fields) for fields in self._recent]
        return {"watch": self._is_on, **self._process.report(), "sessions": sessions, "alarms": alarms}

    async def run(self) -> None:
        """Take what is heard of calls, a little at a time; runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if not self._is_on:
                await self._process.leave(tuple(self._sessions))
                self._sessions.clear()
                continue
            await asyncio.sleep(GATHER_SECONDS)
            followed: dict[tuple[str, str], Followed] = {}
            until = time.perf_counter() + SLICE_SECONDS
            while self._heard:
                found = self._take(self._heard.popleft())
                if found is not None:
                    followed[found.session, found.path] = found
                if time.perf_counter() > until:
                    await asyncio.sleep(0)
                    until = time.perf_counter() + SLICE_SECONDS
            await self._process.follow(tuple(followed.values()))
            self._forget_idle()
            gone, self._gone = tuple(self._gone), []
            await self._process.leave(gone)

    async def listen(self) -> None:
        """Compare what transcripts show with what was heard; runs until cancelled."""
        await self._process.run(self.compare)

    async def compare(self, seen: Seen) -> None:
        """Take what a transcript shows: the alarm is raised after a while of grace."""
        for standing in seen.standings:
            session = self._sessions.get((standing.client, standing.session))
            if session is not None:
                session.stands(standing)
        self._take_all()
        doubtful = [found for found in seen.uses if self._is_doubtful(found, is_new=True)]
        if doubtful:
            await asyncio.sleep(self._grace_seconds)
            self._take_all()
            for found in doubtful:
                if self._is_doubtful(found, is_new=False):
                    self._unseen(found, Match.NOTHING)

    def _take_all(self) -> None:
        while self._heard:
            self._take(self._heard.popleft())

    def _take(self, heard: _Heard) -> Followed | None:
        """Take what was heard; what there is to follow because of it."""
        event = heard.event
        key = (event.client, event.session_id)
        session = self._sessions.get(key)
        directory = self._directory_of(event)
        if session is None or (session.refused and not self._why_not(heard, directory)):
            session = self._sessions[key] = FollowedSession(*key, heard.at, self._why_not(heard, directory))
            self._bound()
        self._sessions.move_to_end(key)
        session.heard_at = heard.at
        if event.tool is not None and event.kind in _BEFORE:
            session.answered += 1
        if session.refused or event.transcript is None or directory is None:
            return None
        if event.tool is not None and event.kind in _BEFORE:
            session.calls.add(event.tool, is_denied=heard.is_denied)
        elif event.kind in _AFTER:
            session.followed_up += 1
        if heard.at < session.looked_at.get(event.transcript, 0.0) + LOOK_SECONDS:
            return None
        session.looked_at[event.transcript] = heard.at
        return Followed(*key, event.transcript, directory, session.since)

    def _directory_of(self, event: HookEvent) -> str | None:
        client = client_named(event.client)
        if client is None or event.transcript is None:
            return None
        for directory in self._directories.get(event.client, ()):
            if is_transcript(event.transcript, directory, client.transcripts):
                return directory
        return None

    def _why_not(self, heard: _Heard, directory: str | None) -> str:
        if heard.event.transcript is None:
            return "its client names no transcript"
        if heard.is_elsewhere:
            return "its client runs where paths lead elsewhere, in a container for instance"
        if directory is None:
            known = " or ".join(dict.fromkeys(self._directories.get(heard.event.client, ())))
            return f"its transcript {heard.event.transcript} is none below {known}"
        return ""

    def _bound(self) -> None:
        if len(self._sessions) > MOST_SESSIONS:
            self._gone.append(self._sessions.popitem(last=False)[0])

    def _forget_idle(self) -> None:
        latest = time.time() - IDLE_SECONDS
        idle = [key for key, session in self._sessions.items() if session.heard_at < latest]
        for key in idle:
            del self._sessions[key]
        self._gone += idle

    def _is_doubtful(self, found: Finished, *, is_new: bool) -> bool:
        """Whether this use ran unseen, as far as is known by now; what is known of it is put down."""
        session = self._sessions.get((found.client, found.session))
        if session is None or (is_new and not session.settle(found)):
            return False
        session.heard_at = max(session.heard_at, time.time()) if found.ran else session.heard_at
        if not found.use.is_hooked:
            session.unhooked += found.ran
            return False
        match session.calls.take(found.use, ran=found.ran):
            case Match.NOTHING:
                return found.ran
            case Match.DENIED if found.ran:
                self._unseen(found, Match.DENIED)
            case _:
                session.seen += found.ran
        return False

    def _unseen(self, found: Finished, match: Match) -> None:
        key = (found.client, found.session)
        session = self._sessions.get(key)
        if session is None:
            return
        session.unseen += 1
        what = "although it was denied" if match is Match.DENIED else "and no hook event came before it"
        text = f"{found.use.tool[:LONGEST_NAME]} of {found.client} ran, {what} (session {found.session[:LONGEST_NAME]})"
        self._taint(*key)
        self._untold += 1
        if session.unseen > MOST_ALARMS:
            return
        fields: dict[str, Json] = {
            "anomaly": "denied-tool-use" if match is Match.DENIED else "unseen-tool-use",
            "severity": Severity.HIGH.value,
            "client": found.client,
            "session": found.session,
            "tool": found.use.tool,
            "call_id": found.use.call_id,
            "transcript": found.path,
            "alarm": text,
        }
        self._recent.append({"at": timestamp(time.time_ns()), **fields})
        self._alarm(fields)


def kept_in(home: Path, environment: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Where each client keeps its own, as its name goes and as links lead."""
    here = machine(None, home, environment)
    places = {"claude-code": here.claude, "codex-cli": here.codex, "gemini-cli": here.gemini}
    return {client: tuple(dict.fromkeys((str(path), realpath(path)))) for client, path in places.items()}
