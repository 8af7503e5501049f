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

_SOURCES = frozenset((EffectKind.READS, EffectKind.READS_ENV, EffectKind.CONNECTS, EffectKind.NAMES))
_SINKS = frozenset((EffectKind.CONNECTS, EffectKind.WRITES, EffectKind.EXECUTES))
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
    for number, one in enumerate(understood):
        if one.effects:
            flows += _within(number, one.effects)
    if len(found) > 1 and _has_both(understood):
        edges = _edges(found, walked, understood, producers)
        for number, one in enumerate(understood):
            sources = [effect for effect in one.effects if effect.kind in _SOURCES]
            if sources:
                flows += _reached(number, sources, edges, understood, budget)
            if len(flows) > _MOST:
                budget.over = True
                break
    return tuple(flows[:_MOST])


def _within(number: int, effects: Sequence[Effect]) -> list[Flow]:
    """What a command sends of what it reads itself."""
    flows: list[Flow] = []
    sinks = [effect for effect in effects if effect.kind is EffectKind.CONNECTS]
    if not sinks:
        return flows
    for effect in effects:
        if (effect.kind is EffectKind.READS and effect.sends) or effect.kind is EffectKind.READS_ENV:
            is_sent = effect.kind is EffectKind.READS_ENV
            flows += [Flow(effect, sink, number, number) for sink in sinks if is_sent or sink.sends]
    return flows


def _has_both(understood: Sequence[Understood]) -> bool:
    kinds = {effect.kind for one in understood for effect in one.effects}
    return not kinds.isdisjoint(_SOURCES) and not kinds.isdisjoint(_SINKS)


def _reached(
    start: int,
    sources: Sequence[Effect],
    edges: Mapping[Node, Sequence[Node]],
    understood: Sequence[Understood],
    budget: Budget,
) -> list[Flow]:
    """The flows from one command's sources to all that they reach, in order of distance."""
    flows: list[Flow] = []
    seen: set[Node] = {start}
    queue: list[Node] = [start]
    for node in queue:
        if type(node) is int:
            for sink in understood[node].effects:
                if sink.kind not in _SINKS or (node == start and sink.kind is not EffectKind.WRITES):
                    continue
                # What a program whose code stands in the words is given besides is data to it.
                if sink.kind is not EffectKind.EXECUTES or sink.origin is not Origin.LITERAL:
                    flows += [
                        Flow(source, sink, start, node, source.certain and sink.certain)
                        for source in sources
                        if source is not sink
                    ]
            if len(flows) > _MOST:
                break
        for following in edges.get(node, ()):
            if following not in seen and budget.spend():
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

    def link(source: Node, target: Node) -> None:
        edges[source].append(target)

    for number, command in enumerate(found):
        for pipe in command.pipes:
            link(number, ("pipe", (pipe.pipeline, pipe.stage + 1)))
            link(("pipe", (pipe.pipeline, pipe.stage)), number)
        for word in command.open_words():
            for part in word.parts:
                if type(part) is Hole:
                    link(_node_of(part), number)
        if command.assignments or command.program in _SETTING:
            for name in _assigned(command):
                link(number, ("variable", name))
        for effect in understood[number].effects:
            if effect.target is None:
                continue
            if effect.kind in (EffectKind.WRITES, EffectKind.MOVES):
                link(number, ("file", _key(effect.target)))
            elif effect.kind in (EffectKind.READS, EffectKind.EXECUTES):
                link(("file", _key(effect.target)), number)
        if command.redirects:
            for source, target in _descriptors(command, number):
                link(source, target)
    numbers = {id(command): number for number, command in enumerate(found)}
    for source_text, commands in producers.items():
        for command in commands:
            known = numbers.get(id(command))
            if known is not None:
                link(known, ("hole", source_text))
    for source, target in _blocks(walked, numbers):
        link(source, target)
    return edges


def _node_of(hole: Hole) -> Node:
    if hole.kind is HoleKind.PARAMETER:
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
