"""What lies in files since calls of a session wrote them: secrets that were copied, code that was fetched.

A file that a command wrote holds what the command read or fetched. Only what is worth it is remembered: what came from
another machine, and files that are worth protecting. Never more than MOST files; the oldest goes first.
"""

from collections.abc import Callable, Iterable, Iterator

from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.session import Trace

MOST = 256
MOST_OF_A_FILE = 8
_READING = frozenset((EffectKind.READS, EffectKind.MOVES))
_CONNECTS, _WRITES = EffectKind.CONNECTS, EffectKind.WRITES
_LOCAL = ("localhost", "127.", "::1", "host.docker.internal")

Traces = dict[str, tuple[Trace, ...]]


def traced(before: Traces, deeds: Deeds, is_kept: Callable[[str], bool], *, whole: bool) -> Traces:
    """The traces after a call, `before` itself where it changes none. `is_kept` says whether the content of a path is
    worth following; `whole` that the call gives all that its files hold afterwards, as a tool that writes files does.
    """
    changed: Traces = {}
    for path, sources in _written(deeds):
        found = tuple(dict.fromkeys(_held(before, sources, is_kept)))[:MOST_OF_A_FILE]
        if found or (whole and path in before):
            changed[path] = found
    if not changed:
        return before
    after = {path: held for path, held in {**before, **changed}.items() if held}
    while len(after) > MOST:
        del after[next(iter(after))]
    return after


def _written(deeds: Deeds) -> Iterator[tuple[str, list[Deed]]]:
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
        yield deed.target, [*beside, *through]


def _is_source(deed: Deed) -> bool:
    return (deed.kind in _READING or deed.kind is _CONNECTS) and deed.target is not None


def _held(before: Traces, sources: Iterable[Deed], is_kept: Callable[[str], bool]) -> Iterator[Trace]:
    for source in sources:
        if source.target is None:
            continue
        if source.kind is _CONNECTS:
            if not (source.target.startswith(_LOCAL) or source.target.endswith(".localhost")):
                yield Trace(source, source.certain)
            continue
        yield from before.get(source.target, ())
        if is_kept(source.target) or (source.real is not None and is_kept(source.real)):
            yield Trace(source, source.certain)
