"""The assignments of one simple command, alone or in front of its words, in the order in which a shell makes them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from security_hooks.model.shell import Assignment
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.assigning import assign_array, assign_element, assign_value
from security_hooks.shell.context import Context
from security_hooks.shell.options import Reading
from security_hooks.shell.patterns import Segments
from security_hooks.shell.simple import element_of
from security_hooks.shell.state import Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results
from security_hooks.shell.syntax import AnyWord, RawAssignment, RawWord, Simple
from security_hooks.shell.words import expand, expand_value, segments

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

Elements = list[tuple[Segments | None, Value, bool]]


def assign(
    walker: "Walker", node: Simple, context: Context, results: Results, links: list[int], *, is_prefix: bool
) -> Steps[tuple[Assignment, ...]]:
    """What is assigned; the state knows of it afterwards, unless it is only for the command behind it."""
    made: list[Assignment] = []
    state = walker.state
    for raw in node.assignments:
        if node.nested:
            parts = [raw.value, *([raw.subscript] if raw.subscript is not None else [])]
            links += yield walker.resolve(parts, context, results)
        value = expand_value(raw.value, state, results)
        if is_prefix and any(assignment.name in _source(raw.value) for assignment in made):
            # Whether the one before is seen in this one differs.
            value = Word((Hole(HoleKind.PARAMETER, _source(raw.value)),), value.span, None)
        made.append(Assignment(raw.name, value, raw.append))
        if is_prefix:
            continue
        if raw.elements is not None:
            elements = yield _elements(walker, raw.elements, context, results, links)
            assign_array(state, raw.name, elements, append=raw.append)
        elif raw.subscript is not None:
            subscript = segments(raw.subscript.pieces, state, results)
            assign_element(state, raw.name, subscript or None, value.parts, append=raw.append)
        else:
            assign_value(state, raw.name, value.parts, append=raw.append)
    return tuple(made)


def declare_lists(
    walker: "Walker", raws: Sequence[RawAssignment], reading: Reading, context: Context, results: Results
) -> Steps[None]:
    """The lists that a declaration gives to its names: `declare -a name=(..)`."""
    for raw in raws:
        elements = yield _elements(walker, raw.elements or (), context, results, [])
        associative = True if "-A" in reading.options else False if "-a" in reading.options else None
        assign_array(walker.state, raw.name, elements, append=raw.append, associative=associative)


def _elements(
    walker: "Walker", raws: Sequence[AnyWord], context: Context, results: Results, links: list[int]
) -> Steps[Elements]:
    elements: Elements = []
    state = walker.state
    for raw in raws:
        if type(raw) is RawWord and raw.nested:
            links += yield walker.resolve((raw,), context, results)
        pair = element_of(raw)
        if pair is None or pair.subscript is None:
            elements += [((), word.parts, False) for word in expand(raw, state, results, named=False)]
            continue
        subscript = segments(pair.subscript.pieces, state, results)
        elements.append((subscript or None, expand_value(pair.value, state, results).parts, pair.append))
    return elements


def _source(raw: AnyWord) -> str:
    return raw.source if isinstance(raw, RawWord) else ""
