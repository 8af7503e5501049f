"""Where data goes within one script: through pipes, variables, files, substitutions and descriptors.

A graph: commands are nodes, and so is everything that data passes through (the end of a pipe, a variable, a file).
What a command reads may be in all that it prints or writes. Linear in the script's size but for the flows themselves,
which are bounded.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from security_hooks.model.effect import Effect, EffectKind, Flow
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.shell.context import Found
from security_hooks.shell.effects import Understood, variable_of
from security_hooks.shell.limits import Budget

_READS, _READS_ENV, _WRITES = EffectKind.READS, EffectKind.READS_ENV, EffectKind.WRITES
_EXECUTES, _CONNECTS, _MOVES = EffectKind.EXECUTES, EffectKind.CONNECTS, EffectKind.MOVES
_SOURCES = frozenset((_READS, _READS_ENV, _CONNECTS, EffectKind.NAMES))
_SINKS = frozenset((_CONNECTS, _WRITES, _EXECUTES))
_LITERAL, _PARAMETER = Origin.LITERAL, HoleKind.PARAMETER
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly"))
_READING = frozenset(("read", "mapfile", "readarray"))
_SETTING = _DECLARING | _READING
_MOST = 256

Node = int | tuple[str, object]


def flows_of(
    found: Sequence[Found],
    walked: Sequence[Found],
    understood: Sequence[Understood],
    producers: Mapping[str, Sequence[Found]],
    budget: Budget,
) -> tuple[Flow, ...]:
    """The flows of a script; past the limit on their number the script is over budget.

    `walked` are the commands in the order of running, `producers` those whose output a substitution is.
    """
    flows = [Flow(source, sink, number, number) for number, one in enumerate(understood) for source, sink in one.flows]
    sources: defaultdict[int, list[Effect]] = defaultdict(list)
    sinks: defaultdict[int, list[Effect]] = defaultdict(list)
    for number, one in enumerate(understood):
        connects = False
        for effect in one.effects:
            kind = effect.kind
            if kind in _SOURCES:
                sources[number].append(effect)
            if kind in _SINKS:
                sinks[number].append(effect)
                connects = connects or kind is _CONNECTS
        if connects:
            flows += _within(number, one.effects)
    if len(found) > 1 and sources and sinks:
        edges = _edges(found, walked, understood, producers)
        for number, read in sources.items():
            flows += _reached(number, read, edges, sinks, budget)
            if len(flows) > _MOST:
                break
        if len(flows) > _MOST:
            budget.over = True
    return tuple(flows[:_MOST])


def _within(number: int, effects: Sequence[Effect]) -> list[Flow]:
    """What a command sends of what it reads itself."""
    flows: list[Flow] = []
    sinks = [effect for effect in effects if effect.kind is _CONNECTS]
    for effect in effects:
        if (effect.kind is _READS and effect.sends) or effect.kind is _READS_ENV:
            is_sent = effect.kind is _READS_ENV
            flows += [Flow(effect, sink, number, number) for sink in sinks if is_sent or sink.sends]
    return flows


def _reached(
    start: int,
    sources: Sequence[Effect],
    edges: Mapping[Node, Sequence[Node]],
    sinks: Mapping[int, Sequence[Effect]],
    budget: Budget,
) -> list[Flow]:
    """The flows from one command's sources to all that they reach, in order of distance."""
    flows: list[Flow] = []
    seen: set[Node] = {start}
    queue: list[Node] = [start]
    spend = budget.spend
    for node in queue:
        if type(node) is int:
            for sink in sinks.get(node, ()):
                kind = sink.kind
                if node == start and kind is not _WRITES:
                    continue
                # What a program whose code stands in the words is given besides is data to it.
                if kind is not _EXECUTES or sink.origin is not _LITERAL:
                    flows += [
                        Flow(source, sink, start, node, source.certain and sink.certain)
                        for source in sources
                        if source is not sink
                    ]
            if len(flows) > _MOST:
                break
        for following in edges.get(node, ()):
            if following not in seen and spend():
                seen.add(following)
                queue.append(following)
    return flows


def _edges(
    found: Sequence[Found],
    walked: Sequence[Found],
    understood: Sequence[Understood],
    producers: Mapping[str, Sequence[Found]],
) -> dict[Node, list[Node]]:
    edges: defaultdict[Node, list[Node]] = defaultdict(list)
    blocks = False
    for number, command in enumerate(found):
        after = edges[number]
        for pipe in command.pipes:
            after.append(("pipe", (pipe.pipeline, pipe.stage + 1)))
            edges["pipe", (pipe.pipeline, pipe.stage)].append(number)
        for hole in command.holes:
            edges[_node_of(hole)].append(number)
        if command.assignments or command.program in _SETTING:
            after += [("variable", name) for name in _assigned(command)]
        for effect in understood[number].effects:
            kind, path = effect.kind, effect.target
            if path is None:
                continue
            if kind is _READS or kind is _EXECUTES:
                edges["file", _key(path)].append(number)
            elif kind is _WRITES or kind is _MOVES:
                after.append(("file", _key(path)))
        if command.redirects:
            blocks = blocks or not command.words
            for source, target in _descriptors(command, number):
                edges[source].append(target)
    if not (producers or blocks):
        return edges
    numbers = {id(command): number for number, command in enumerate(found)}
    for source_text, commands in producers.items():
        for command in commands:
            known = numbers.get(id(command))
            if known is not None:
                edges[known].append(("hole", source_text))
    for source, target in _blocks(walked, numbers) if blocks else ():
        edges[source].append(target)
    return edges


def _node_of(hole: Hole) -> Node:
    if hole.kind is _PARAMETER:
        name = variable_of(hole)
        if name is not None:
            return ("variable", name)
    return ("hole", hole.source)


def _assigned(command: Found) -> Iterator[str]:
    """The variables that hold afterwards what the command was given or has read."""
    for assignment in command.assignments:
        yield assignment.name
    if command.program in _DECLARING:
        for word in command.reading.operands:
            first = word.parts[0] if word.parts else ""
            name = _ASSIGNMENT.match(first) if isinstance(first, str) else None
            if name is not None:
                yield name[1]
    elif command.program in _READING:
        for word in command.reading.operands:
            if word.literal is not None and _VARIABLE.fullmatch(word.literal):
                yield word.literal
        yield from ("REPLY", "MAPFILE")


def _key(path: Word) -> str:
    if path.literal is not None:
        return path.literal
    return "".join([part.source if isinstance(part, Hole) else part for part in path.parts])


def _descriptors(command: Found, number: int) -> Iterator[tuple[Node, Node]]:
    """What `exec 3<>X` opens, others read and write by `<&3` and `>&3`."""
    for redirect in command.redirects:
        literal = redirect.target.literal or ""
        if redirect.operator in (">&", "<&") and literal.isdigit() and int(literal) > 2:
            yield (number, ("descriptor", literal)) if redirect.operator == ">&" else (("descriptor", literal), number)
        elif redirect.descriptor is not None and redirect.descriptor > 2:
            yield (("descriptor", str(redirect.descriptor)), number)
            yield (number, ("descriptor", str(redirect.descriptor)))


def _blocks(walked: Sequence[Found], numbers: Mapping[int, int]) -> Iterator[tuple[Node, Node]]:
    """A construct's own redirections are a command of no words: what is inside reads and writes there."""
    open_blocks: list[tuple[int, int]] = []
    for command in walked:
        number = numbers[id(command)]
        depth = len(command.inside)
        while open_blocks and depth <= open_blocks[-1][1]:
            open_blocks.pop()
        if open_blocks:
            outer = open_blocks[-1][0]
            yield (("inside", outer), number)
            yield (number, outer)
        if not command.words and command.redirects:
            yield (number, ("inside", number))
            open_blocks.append((number, depth))
