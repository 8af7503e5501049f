"""The policies in force: the machine's and those of the projects that are at work, published by one assignment each.

Everything that can fail comes before the assignment. A broken edit leaves in force what was, and its diagnostics
are kept for `status` until it is mended. Calls only ever look; the one call that waits for a build is the first in
a project that brings its own rules.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Mode
from security_hooks.policy.snapshot import Snapshot, assemble, assemble_at_once
from security_hooks.policy.source import PolicyDirectories
from security_hooks.policy.source_layers import TRUST_FILE
from security_hooks.service.building import BuildAnswer, BuildRequest
from security_hooks.service.load import start_build
from security_hooks.service.observing import says_observe
from security_hooks.service.watch import Watched, Watcher, watched

PROJECTS = 32
HALF_WRITTEN = 1.0
PATIENCE = 3.0
AGAIN = 1.0
SLICE = 0.001


@dataclass(frozen=True, slots=True)
class Reload:
    """One change of what is in force, or why there was none. `root` is None for the machine's own policy.

    With `is_last_good` the present sources fail and the last good ones are in force instead.
    """

    root: str | None
    is_published: bool
    is_last_good: bool
    generation: int
    digest: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _InForce:
    """What is known of one root. `problems` is empty unless the present sources are refused."""

    snapshot: Snapshot | None = None
    build: Build | None = None
    problems: tuple[Diagnostic, ...] = ()
    built_at: float = 0.0


@dataclass(slots=True)
class _Held:
    """Files taken for half written, and since when."""

    since: dict[str, float] = field(default_factory=dict)

    def settled(self, now: float) -> frozenset[str]:
        return frozenset(path for path, begun in self.since.items() if now - begun >= HALF_WRITTEN)

    def update(self, paths: frozenset[str], now: float) -> None:
        self.since = {path: self.since.get(path, now) for path in paths}


class BuildWorker(Protocol):
    """Who builds: `Worker`."""

    on_death: Callable[[], None]

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        """The answer to a request; raises PolicyError where there is none."""


class PolicyStore:
    """Snapshots by project root. Owned by the daemon's loop; `watch` is its task."""

    def __init__(
        self,
        directories: PolicyDirectories,
        worker: BuildWorker,
        report: Callable[[Reload], None],
        patience: float = PATIENCE,
    ) -> None:
        self._directories = directories
        self._worker = worker
        self._report = report
        self._patience = patience
        self._machine = _InForce()
        self._projects: OrderedDict[str, _InForce] = OrderedDict()
        self._held: dict[str | None, _Held] = {}
        self._generation = 0
        self._lacks_worker = False
        self._observes = False
        self._building = asyncio.Lock()
        self._watcher = Watcher(self._to_watch)
        worker.on_death = self._watcher.wake

    @property
    def current(self) -> Snapshot | None:
        """The machine's policy in force; None where there never was a good one."""
        return self._machine.snapshot

    @property
    def observes(self) -> bool:
        """Whether verdicts bind nobody: by the policy in force, or where there never was one by the configuration."""
        snapshot = self._machine.snapshot
        return self._observes if snapshot is None else snapshot.config.mode is Mode.OBSERVE

    @property
    def problems(self) -> Mapping[str | None, tuple[Diagnostic, ...]]:
        """By root, why the present sources are not in force; empty when all is well."""
        known: list[tuple[str | None, _InForce]] = [(None, self._machine), *self._projects.items()]
        return {root: entry.problems for root, entry in known if entry.problems}

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the machine's policy in force has to say of itself."""
        return () if self._machine.build is None else self._machine.build.diagnostics

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        """The snapshot in force for a project that has rules of its own, if it is built; None: the machine's."""
        if root is None:
            return self._machine.snapshot
        entry = self._projects.get(root)
        if entry is None:
            return None
        self._projects.move_to_end(root)
        return entry.snapshot

    async def build_project(self, root: str | None) -> Snapshot:
        """Build what `snapshot_for` does not have; raises CallError where there is nothing good in time."""
        if root is not None:
            try:
                async with asyncio.timeout(self._patience):
                    await self._build_new(root)
            except TimeoutError:
                raise CallError(Failure(Reason.NO_POLICY, f"`{root}`: not built in time")) from None
        snapshot = self.snapshot_for(root)
        if snapshot is None:
            raise CallError(Failure(Reason.NO_POLICY, self._why_none(root)))
        return snapshot

    def build_of(self, generation: int) -> Build | None:
        """What the snapshot of this number was made of, while it is in force."""
        for entry in (self._machine, *self._projects.values()):
            if entry.snapshot is not None and entry.snapshot.generation == generation:
                return entry.build
        return None

    def next_generation(self) -> int:
        """A number that no snapshot of this daemon has had."""
        self._generation += 1
        return self._generation

    async def start(self) -> None:
        """Put the machine's policy in force: as it was built before if nothing changed since, else by a new build."""
        made = start_build(self._directories)
        if made is not None:
            with contextlib.suppress(PolicyError):
                self._publish(None, assemble_at_once(made, self.next_generation()), made)
                return
        await self._refresh(None)

    async def watch(self) -> None:
        """Keep everything in force up to date with the disk; runs until cancelled."""
        try:
            while True:
                await self._watcher.arm()
                for root in (None, *reversed(self._projects)):
                    await self._refresh(root)
                await self._watcher.wait(self._until_settled())
        finally:
            self._watcher.close()

    async def _build_new(self, root: str) -> None:
        entry = self._projects.get(root)
        if entry is not None and time.monotonic() - entry.built_at < AGAIN:
            return
        if entry is None:
            self._projects[root] = _InForce()
            while len(self._projects) > PROJECTS:
                self._held.pop(self._projects.popitem(last=False)[0], None)
        await self._refresh(root)
        # From now on its directory is watched; what changed before that is found by the build that follows.
        self._watcher.wake()

    async def _refresh(self, root: str | None) -> None:
        """Build one root anew and put it in force, if its sources changed and are good."""
        async with self._building:
            entry = self._machine if root is None else self._projects.get(root)
            if entry is None:
                return
            held = self._held.setdefault(root, _Held())
            now = time.monotonic()
            try:
                answer = await self._worker.ask(self._request(root, entry, held.settled(now)))
            except PolicyError as error:
                self._lacks_worker = True
                self._refuse(root, entry, error.diagnostics)
                return
            self._lacks_worker = False
            held.update(answer.held, now)
            await self._take(root, entry, answer)

    def _request(self, root: str | None, entry: _InForce, settled: frozenset[str]) -> BuildRequest:
        return BuildRequest(
            0,
            self._directories,
            root,
            known="" if entry.build is None else entry.build.digest,
            full=frozenset() if entry.build is None else entry.build.full,
            settled=settled,
            may_fall_back=entry.snapshot is None,
        )

    async def _take(self, root: str | None, entry: _InForce, answer: BuildAnswer) -> None:
        if answer.same:
            self._put(root, replace(entry, problems=(), built_at=time.monotonic()))
            if entry.problems:
                self._tell(root, entry.snapshot, True, False, ())
        elif answer.build is None:
            self._refuse(root, entry, answer.problems)
        else:
            steps = assemble(answer.build, self.next_generation(), entry.snapshot or self._machine.snapshot)
            problems = () if answer.problems == answer.build.diagnostics else answer.problems
            begun = time.perf_counter()
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    self._publish(root, end.value, answer.build, problems)
                    return
                except PolicyError as error:
                    self._refuse(root, entry, error.diagnostics)
                    return
                if time.perf_counter() - begun > SLICE:
                    await asyncio.sleep(0)
                    begun = time.perf_counter()

    def _publish(
        self, root: str | None, snapshot: Snapshot, made: Build, problems: tuple[Diagnostic, ...] = ()
    ) -> None:
        self._put(root, _InForce(snapshot, made, problems, time.monotonic()))
        self._tell(root, snapshot, True, bool(problems), problems or made.diagnostics)

    def _refuse(self, root: str | None, entry: _InForce, problems: tuple[Diagnostic, ...]) -> None:
        if root is None and entry.snapshot is None:
            self._observes = says_observe(self._directories)
        self._put(root, replace(entry, problems=problems, built_at=time.monotonic()))
        if problems != entry.problems:
            self._tell(root, entry.snapshot, False, False, problems)

    def _put(self, root: str | None, entry: _InForce) -> None:
        if root is None:
            self._machine = entry
        elif root in self._projects:
            self._projects[root] = entry

    def _tell(
        self,
        root: str | None,
        snapshot: Snapshot | None,
        published: bool,
        last_good: bool,
        found: tuple[Diagnostic, ...],
    ) -> None:
        generation, digest = (0, "") if snapshot is None else (snapshot.generation, snapshot.digest)
        self._report(Reload(root, published, last_good, generation, digest, found))

    def _why_none(self, root: str | None) -> str:
        entry = self._machine if root is None else self._projects.get(root, self._machine)
        return "; ".join(map(str, entry.problems[:3])) or "no policy has been built yet"

    def _until_settled(self) -> float | None:
        """How long to wait for changes: until an empty file has settled, or a worker is worth another try."""
        begun = [since for held in self._held.values() for since in held.since.values()]
        waits = [max(0.0, min(begun) + HALF_WRITTEN - time.monotonic())] if begun else []
        return min([*waits, AGAIN]) if self._lacks_worker else min(waits, default=None)

    def _to_watch(self) -> Watched:
        places = self._directories
        folders = [places.shipped, places.system, places.config]
        files = [f"{folder}/{name}" for folder in folders for name in ("config.toml", "config.local.toml")]
        files.append(f"{places.state}/{TRUST_FILE}")
        rules = [directory for _, directory in (*places.rule_directories(), *places.catalogue_directories())]
        projects = [places.of_project(root) for root in tuple(self._projects)]
        here = Path.cwd()
        return watched(*([str(here / path) for path in paths] for paths in (files, rules, projects)))
