"""What the worker process does with a request: read, bridge half-written files, build, and keep what was good.

Holds the caches that make builds incremental. Where the present sources fail and nothing is in force, it tries
the last good ones: the machine's, the project's, or both. A project's count as untrusted then, because trust is
about the exact bytes of everything that is there now.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build
from security_hooks.policy.half_written import bridge
from security_hooks.policy.source import Sources, read_sources
from security_hooks.service.building import BuildAnswer, BuildRequest
from security_hooks.service.last_good import LastGood, LastGoodProject, code_stamp, file_for, load, save

PROJECT = "project"
REMEMBERED = 64


def answering(catalogue: Catalogue) -> Callable[[bytes], Iterator[bytes]]:
    """What `worker_main` answers messages with."""
    builder = Builder(catalogue)

    def answer(body: bytes) -> Iterator[bytes]:
        yield msgspec.msgpack.encode(builder.answer(msgspec.msgpack.decode(body, type=BuildRequest)))
        builder.save()

    return answer


class Builder:
    """Answers build requests; one at a time."""

    def __init__(self, catalogue: Catalogue) -> None:
        """`catalogue` is the shipped one."""
        self._catalogue = catalogue
        self._cache = BuildCache()
        self._previous: dict[str | None, Sources] = {}
        self._unsaved: tuple[BuildRequest, Sources, Build] | None = None

    def answer(self, request: BuildRequest) -> BuildAnswer:
        """Read and build; every problem of the sources is in the answer, none is raised."""
        parsed, tried = self._cache.parsed, self._cache.tried
        answer = self._answer(request)
        return msgspec.structs.replace(answer, parsed=self._cache.parsed - parsed, tried=self._cache.tried - tried)

    def save(self) -> None:
        """Keep the sources of the last answer, if they were good; done after answering, since nobody waits for it."""
        if self._unsaved is None:
            return
        request, sources, made = self._unsaved
        self._unsaved = None
        # A full disk must not stop the policy from being in force; `doctor` looks at the state directory.
        with contextlib.suppress(OSError):
            if request.root is None:
                save(file_for(request.directories.state, None), LastGood(code_stamp(), sources, made))
            else:
                own = _part(sources, is_project=True)
                save(file_for(request.directories.state, request.root), LastGoodProject(request.root, own))

    def _answer(self, request: BuildRequest) -> BuildAnswer:
        sources: Sources | None = None
        try:
            sources = read_sources(request.directories, request.root)
            previous = self._previous.get(request.root)
            if previous is None and (emptied := (sources.empty & request.full) - request.settled):
                # What they held is not known here any more, so what is in force stays.
                return BuildAnswer(request.number, same=True, held=emptied)
            held: frozenset[str] = frozenset()
            if previous is not None:
                sources, held = bridge(sources, previous, request.settled)
            if sources.digest == request.known:
                self._remember(request.root, sources)
                return BuildAnswer(request.number, same=True, held=held)
            made = build(sources, self._cache, self._catalogue)
        except PolicyError as error:
            return self._fall_back(request, sources, error.diagnostics)
        self._remember(request.root, sources)
        if not held:
            self._unsaved = (request, sources, made)
        return BuildAnswer(request.number, made, problems=made.diagnostics, held=held)

    def _remember(self, root: str | None, sources: Sources) -> None:
        self._previous.pop(root, None)
        self._previous[root] = sources
        while len(self._previous) > REMEMBERED:
            del self._previous[next(iter(self._previous))]

    def _fall_back(
        self, request: BuildRequest, present: Sources | None, problems: tuple[Diagnostic, ...]
    ) -> BuildAnswer:
        if request.may_fall_back:
            for substitute in self._substitutes(request, present):
                sources = msgspec.structs.replace(substitute, guarded=request.directories.guarded)
                with contextlib.suppress(PolicyError):
                    return BuildAnswer(request.number, build(sources, self._cache, self._catalogue), problems=problems)
        return BuildAnswer(request.number, problems=problems)

    def _substitutes(self, request: BuildRequest, present: Sources | None) -> Iterator[Sources]:
        """Sources to build instead, those that keep the most of the present first."""
        machine = load(file_for(request.directories.state, None), LastGood)
        if request.root is None:
            if machine is not None:
                yield machine.sources
            return
        project = load(file_for(request.directories.state, request.root), LastGoodProject)
        own = None if project is None or project.root != request.root else _untrusted(project.sources)
        readable = present is not None and not any(problem.level is Level.ERROR for problem in present.problems)
        if present is not None and readable and machine is not None:
            yield _joined(machine.sources, _part(present, is_project=True))
        if present is not None and readable and own is not None:
            yield _joined(_part(present, is_project=False), own)
        if machine is not None and own is not None:
            yield _joined(machine.sources, own)


def _part(sources: Sources, *, is_project: bool) -> Sources:
    return Sources(
        tuple(layer for layer in sources.layers if (layer.name == PROJECT) is is_project),
        tuple(file for file in sources.rules if (file.layer == PROJECT) is is_project),
        catalogue=() if is_project else sources.catalogue,
    )


def _joined(machine: Sources, project: Sources) -> Sources:
    return Sources(machine.layers + project.layers, machine.rules + project.rules, catalogue=machine.catalogue)


def _untrusted(project: Sources) -> Sources:
    return Sources(
        tuple(replace(layer, trusted=False) for layer in project.layers),
        tuple(msgspec.structs.replace(file, trusted=False) for file in project.rules),
    )
