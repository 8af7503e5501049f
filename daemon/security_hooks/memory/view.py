"""A call as it looks to somebody who knows what its session did before.

What lies in the files that it reads, sends or runs is put beside them, as if the call had read or fetched that itself:
rules about flows within one call then judge those that go across calls, and need not know.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from security_hooks.memory.unpacked import held_at, inherited
from security_hooks.model.deed import Deed
from security_hooks.model.effect import Effect, EffectKind, Flow
from security_hooks.model.session import NO_SESSION, SessionView, Trace
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.word import Word

_READS, _EXECUTES, _CONNECTS = EffectKind.READS, EffectKind.EXECUTES, EffectKind.CONNECTS
_LOOKING = frozenset((_READS, EffectKind.NAMES, EffectKind.MOVES))
_ENTERED = frozenset((_READS, _EXECUTES, EffectKind.NAMES, EffectKind.MOVES))
_NOTHING: frozenset[str] = frozenset()


def seen_in(call: CallFacts, session: SessionView) -> CallFacts:
    """The call with what its session knows of it; the call itself where that is nothing."""
    if session is NO_SESSION:
        return call
    script, effects, written = call.script, call.effects, _NOTHING
    if session.traces or session.written:
        paths = _paths(call)
        written = session.written & paths if paths else _NOTHING
        if not session.traces.keys().isdisjoint(paths) or (
            session.unpacked and any(inherited(session.traces, path) for path in paths)
        ):
            script = None if script is None else _script(script, session.traces)
            effects = _more(effects, session.traces)
    is_same = script is call.script and effects is call.effects
    if is_same and not (session.counts or written or session.ran_unseen):
        return call
    view = SessionView(session.counts, written, ran_unseen=session.ran_unseen)
    # On the path of nearly every call: `dataclasses.replace` takes three times as long.
    return CallFacts(
        call.event, call.tool, call.place, script, effects, view, call.definitions, call.readable, world=call.world
    )


def _paths(call: CallFacts) -> frozenset[str]:
    commands = () if call.script is None else call.script.commands
    return frozenset(
        [
            effect.target.literal
            for effects in (call.effects, *[command.effects for command in commands])
            for effect in effects
            if effect.kind in _ENTERED and effect.target is not None and effect.target.literal is not None
        ]
    )


def _script(script: Script, traces: dict[str, tuple[Trace, ...]]) -> Script:
    commands = tuple(_command(command, traces) for command in script.commands)
    flows = list(script.flows)
    for flow in script.flows:
        for trace in _held(flow.source, traces):
            source = _effect(trace.source, trace.certain)
            flows.append(
                Flow(source, flow.sink, flow.source_command, flow.sink_command, flow.certain and trace.certain)
            )
    for command in script.commands:
        for effect in command.effects:
            if effect.kind is _EXECUTES:
                flows += (
                    Flow(_effect(trace.source, trace.certain), effect, command.index, command.index, trace.certain)
                    for trace in _held(effect, traces)
                    if trace.source.kind is _CONNECTS
                )
    return replace(script, commands=commands, flows=tuple(flows))


def _command(command: Command, traces: dict[str, tuple[Trace, ...]]) -> Command:
    effects = _more(command.effects, traces)
    return command if effects is command.effects else replace(command, effects=effects)


def _more(effects: tuple[Effect, ...], traces: dict[str, tuple[Trace, ...]]) -> tuple[Effect, ...]:
    """The effects, and beside each look into a file one for each file whose content lies in it."""
    added = [
        replace(_effect(trace.source, trace.certain and effect.certain), kind=_READS, sends=effect.sends)
        for effect in effects
        if effect.kind in _LOOKING
        for trace in _held(effect, traces)
        if trace.source.kind is not _CONNECTS
    ]
    return (*effects, *added) if added else effects


def _held(effect: Effect, traces: dict[str, tuple[Trace, ...]]) -> Iterable[Trace]:
    for word in (effect.target, effect.real):
        held = () if word is None or word.literal is None else held_at(traces, word.literal)
        if held:
            return held
    return ()


def _effect(deed: Deed, certain: bool) -> Effect:
    target = None if deed.target is None else Word((deed.target,), (0, 0), deed.target)
    real = None if deed.real is None else Word((deed.real,), (0, 0), deed.real)
    return Effect(
        deed.kind,
        target,
        deed.scope,
        certain,
        deed.recursive,
        deed.contents,
        deed.sends,
        deed.origin,
        deed.object,
        real,
    )
