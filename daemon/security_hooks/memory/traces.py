"""What lies in files since calls of a session wrote them: secrets that were copied, code that was fetched.

A file that a command wrote holds what the command read or fetched. Only what is worth it is remembered: what came from
another machine, and files that are worth protecting. Never more than MOST files; the oldest goes first.
"""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping

from security_hooks.memory.unpacked import held_at, inherited, is_archive, places_of
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.session import Trace

MOST = 256
MOST_OF_A_FILE = 8
_READING = frozenset((EffectKind.READS, EffectKind.MOVES))
_CONNECTS, _WRITES = EffectKind.CONNECTS, EffectKind.WRITES
_LOCAL = ("localhost", "127.", "::1", "host.docker.internal")

Traces = dict[str, tuple[Trace, ...]]
_Known = Mapping[str, tuple[Trace, ...]]


def traced(
    before: Traces,
    deeds: Deeds,
    is_kept: Callable[[str], bool],
    *,
    whole: bool,
    is_shared: Callable[[str], bool] = lambda _: False,
) -> Traces:
    """The traces after a call, `before` itself where it changes none. `is_kept` says whether the content of a path is
    worth following, `is_shared` whether a directory is one in which anything may stand; `whole` that the call gives
    all that its files hold afterwards, as a tool that writes files does.
    """
    changed: Traces = {}
    # In the order of the commands: what one wrote the next may copy.
    known = ChainMap(changed, before)
    for deed, path, sources in _written(deeds):
        found = tuple(dict.fromkeys(_held(known, sources, is_kept)))[:MOST_OF_A_FILE]
        above = inherited(known, path)
        if whole:
            if found or path in known or above:
                # Nothing, where it lies below something unpacked: that is no longer what stands there.
                changed[path] = found
        elif found or (above and path not in known):
            changed[path] = (*found, *above)[:MOST_OF_A_FILE]
        if deed.unpacks:
            changed.update(_unpacked(known, path, sources, is_shared=is_shared(path)))
    if not changed:
        return before
    after = {**before, **changed}
    after = {path: held for path, held in after.items() if held or inherited(after, path)}
    while len(after) > MOST:
        del after[next(iter(after))]
    return after


def _unpacked(known: _Known, path: str, sources: Iterable[Deed], *, is_shared: bool) -> Traces:
    """What lies in the directory that archives from another machine are unpacked in."""
    found: dict[Trace, None] = {}
    archives = []
    for source in sources:
        if source.kind is _CONNECTS and source.target is not None and not _is_local(source.target):
            found[Trace(source, source.certain)] = None
        elif source.target is not None and is_archive(source.target):
            fetched = [trace for trace in held_at(known, source.target) if trace.source.kind is _CONNECTS]
            found.update(dict.fromkeys(fetched))
            archives += [source.target] if fetched else []
    if not found:
        return {}
    return dict.fromkeys(places_of(path, archives, is_shared=is_shared), tuple(found)[:MOST_OF_A_FILE])


def _written(deeds: Deeds) -> Iterator[tuple[Deed, str, list[Deed]]]:
    """Each file that is written, and what may be in it then."""
    for deed in deeds.deeds:
        if deed.kind is not _WRITES or deed.target is None or deed.remote:
            continue
        beside = [other for other in deeds.deeds if other.command == deed.command and _is_source(other)]
        through = [
            passage.source
            for passage in deeds.passages
            if passage.sink.kind is _WRITES and passage.sink.target == deed.target and _is_source(passage.source)
        ]
        yield deed, deed.target, [*beside, *through]


def _is_source(deed: Deed) -> bool:
    return (deed.kind in _READING or deed.kind is _CONNECTS) and deed.target is not None


def _held(known: _Known, sources: Iterable[Deed], is_kept: Callable[[str], bool]) -> Iterator[Trace]:
    for source in sources:
        if source.target is None:
            continue
        if source.kind is _CONNECTS:
            if not _is_local(source.target):
                yield Trace(source, source.certain)
            continue
        yield from held_at(known, source.target)
        if is_kept(source.target) or (source.real is not None and is_kept(source.real)):
            yield Trace(source, source.certain)


def _is_local(host: str) -> bool:
    return host.startswith(_LOCAL) or host.endswith(".localhost")
