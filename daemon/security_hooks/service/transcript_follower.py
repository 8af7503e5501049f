"""The transcripts that are followed, those of agents included: read when they change, and told of use by use.

Runs in a process of its own, beside the daemon. Nothing that a transcript holds is an error: what cannot be read is
told of as such.
"""

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from posixpath import dirname

from security_hooks.clients import client_named
from security_hooks.clients.transcript import Transcripts
from security_hooks.model.transcript import Delegated
from security_hooks.service.changes import Changes, Directories, OpenChanges, open_changes
from security_hooks.service.mounts import read_slow_mounts
from security_hooks.service.transcript_file import TranscriptFile
from security_hooks.service.transcript_messages import Finished, Followed, Standing
from security_hooks.service.transcript_uses import TranscriptUses
from security_hooks.service.world import is_elsewhere

# Of one session. Each agent has its own.
MOST_FILES = 256
# A client writes several lines at once.
GATHER_SECONDS = 0.02
# Where the system does not tell of changes.
LOOK_SECONDS = 1.0
_DEEPEST = 3


class _Transcript:
    """One file of a session, its reader and the uses in it."""

    def __init__(self, file: TranscriptFile) -> None:
        self.file = file
        self.uses = TranscriptUses()
        self.unread = 0
        self.told = ("-", 0)


class _Session:
    """The transcripts of one session: what its client names, and what is found beside that."""

    def __init__(self, client: str, session: str, since: float, transcripts: Transcripts) -> None:
        self.client = client
        self.session = session
        self.since = since
        self.transcripts = transcripts
        self.files: dict[str, _Transcript] = {}
        self.named: dict[str, str] = {}
        # Agents whose transcripts were not found yet.
        self.agents: set[str] = set()


class Follower:
    """All sessions. `news` is set while there is something to tell."""

    def __init__(self, opened: OpenChanges = open_changes) -> None:
        self.news = asyncio.Event()
        self._open_changes = opened
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._finished: list[Finished] = []
        self._standings: OrderedDict[tuple[str, str, str], Standing] = OrderedDict()
        self._wanted = asyncio.Event()
        self._changes: Changes | None = None
        self._watched: frozenset[str] = frozenset()
        self._slow: frozenset[str] = frozenset()

    def follow(self, followed: Followed) -> None:
        """Follow one more transcript, or look at one that is followed."""
        client = client_named(followed.client)
        if client is None:
            return
        key = (followed.client, followed.session)
        session = self._sessions.setdefault(key, _Session(*key, followed.since, client.transcripts))
        session.named[followed.path] = followed.directory
        self._add(session, followed.path, followed.directory)
        self._wanted.set()

    def leave(self, client: str, session: str) -> None:
        """Follow nothing of this session any more."""
        self._sessions.pop((client, session), None)
        self._wanted.set()

    def told(self) -> tuple[tuple[Finished, ...], tuple[Standing, ...]]:
        """What there is to tell, once."""
        self.news.clear()
        finished, standings = tuple(self._finished), tuple(self._standings.values())
        self._finished.clear()
        self._standings.clear()
        return finished, standings

    async def run(self) -> None:
        """Read on at each change; runs until cancelled."""
        try:
            while True:
                await self._changed()
                self._wanted.clear()
                self._slow = read_slow_mounts()
                await self._read()
                if self._watch():
                    # What changed before the watch began.
                    await self._read()
        finally:
            if self._changes is not None:
                self._changes.close()

    async def _changed(self) -> None:
        unwatched = self._changes is None and bool(self._sessions)
        try:
            await asyncio.wait_for(self._wanted.wait(), LOOK_SECONDS if unwatched else None)
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_SECONDS)

    async def _read(self) -> None:
        for session in tuple(self._sessions.values()):
            unread = set(session.files)
            # What is read may tell of agents, which have transcripts of their own.
            while unread:
                for path in unread:
                    self._read_one(session, session.files[path])
                    await asyncio.sleep(0)
                known = set(session.files)
                for path, directory in _beside(session):
                    self._add(session, path, directory)
                unread = set(session.files) - known

    def _read_one(self, session: _Session, transcript: _Transcript) -> None:
        file = transcript.file
        for line in file.lines():
            marks = session.transcripts.read(line)
            if marks is None:
                transcript.unread += 1
            for mark in marks or ():
                if isinstance(mark, Delegated) and len(session.agents) < MOST_FILES:
                    session.agents.add(mark.agent)
                ended = transcript.uses.take(mark)
                if ended is not None and ended[0].at >= session.since:
                    self._finished.append(Finished(session.client, session.session, file.path, *ended))
                    self.news.set()
        stands = (file.problem, transcript.unread + file.too_long)
        if stands != transcript.told:
            transcript.told = stands
            key = (session.client, session.session, file.path)
            self._standings[key] = Standing(*key, *stands)
            self.news.set()

    def _add(self, session: _Session, path: str, directory: str) -> None:
        if path not in session.files and len(session.files) < MOST_FILES:
            session.files[path] = _Transcript(TranscriptFile(path, directory, self._may_hang))

    def _may_hang(self, path: str) -> bool:
        return bool(self._slow) and is_elsewhere(path, self._slow)

    def _watch(self) -> bool:
        """Watch the directories of all transcripts; whether these are others than before."""
        wanted = frozenset(found for session in self._sessions.values() for found in _directories(session))
        if wanted == self._watched and (self._changes is not None or not wanted):
            return False
        old, self._changes = self._changes, None
        try:
            if wanted:
                self._changes = self._open_changes(Directories(wanted, wanted), lambda _: self._wanted.set())
            self._watched = wanted
        except OSError:
            # Looked at every second instead.
            self._watched = frozenset()
        if old is not None:
            old.close()
        return self._changes is not None


def _beside(session: _Session) -> Iterator[tuple[str, str]]:
    """The transcripts of a session's agents, by now."""
    for path, directory in tuple(session.named.items()):
        agents = session.transcripts.agents(path, session.session)
        if agents is not None:
            yield from ((found, directory) for found in _below(agents) if found.endswith(".jsonl"))
        elif session.agents:
            for found in _listed(dirname(path)) + _listed(f"{directory}/{time.strftime('sessions/%Y/%m/%d')}"):
                agent = next((agent for agent in session.agents if found.endswith(f"-{agent}.jsonl")), None)
                if agent is not None:
                    session.agents.discard(agent)
                    yield found, directory


def _below(directory: str) -> Iterator[str]:
    """The files in a directory and those below it."""
    base = directory.count("/")
    for place, directories, names in os.walk(directory):
        yield from (f"{place}/{name}" for name in sorted(names))
        if place.count("/") - base >= _DEEPEST:
            directories.clear()


def _listed(directory: str) -> list[str]:
    try:
        return [f"{directory}/{name}" for name in os.listdir(directory)]  # noqa: PTH208 - names are enough
    except OSError:
        return []


def _directories(session: _Session) -> Iterator[str]:
    """Where something may change that matters: existing directories only."""
    wanted = {dirname(path) for path in session.files}
    for path in session.named:
        agents = session.transcripts.agents(path, session.session)
        if agents is not None:
            wanted.update(place for place, _, _ in os.walk(agents) if place.count("/") - agents.count("/") <= _DEEPEST)
    yield from (path for path in wanted if os.path.isdir(path))  # noqa: PTH112 - a text, as all of these are
