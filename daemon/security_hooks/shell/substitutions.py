"""The code within words: substitutions walked, parameters and arithmetic evaluated, in a shell's own order."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from security_hooks.model.shell import PipePosition
from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.arithmetic import evaluate, forget_assigned
from security_hooks.shell.braces import has_braces
from security_hooks.shell.context import Context, Feed, Output
from security_hooks.shell.outputs import without_last_newlines
from security_hooks.shell.parameters import DEFAULTS, Result, parameter, uses_default
from security_hooks.shell.printed import sure_text_of
from security_hooks.shell.printing import handed_on, printed_by
from security_hooks.shell.state import Array, State, Value, literal
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import AnyWord, HereDoc, Opaque, Parameter, Piece, RawWord, Substitution, Text
from security_hooks.shell.words import argument_of, flat_value, segments, unknown, value_of

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_NAME = re.compile(r"[A-Za-z_]\w*")
_MOST_ARITHMETIC = 2048

_ALL = ((Text("@", quoted=False),), (Text("*", quoted=False),))

Results = dict[int, Result]


def resolve(
    walker: "Walker", words: Iterable[AnyWord | HereDoc], context: Context, results: Results
) -> Steps[list[int]]:
    """Walk the code within words; `results` gets the values. Returns the pipelines that process substitutions
    make with the command that these words belong to: positive where it feeds them, negative where they feed it.
    """
    links: list[int] = []
    for word in words:
        inner = context
        raw = word
        if type(word) is HereDoc:
            raw = word.body
            if not word.exact and inner.span is None:
                inner = msgspec.structs.replace(context, span=word.operator)
        if type(raw) is RawWord and raw.nested:
            # What braces repeat is evaluated as often as it is repeated.
            yield _resolve_pieces(walker, raw.pieces, inner, results, links, has_braces(raw.pieces))
    return links


def calculate(walker: "Walker", value: Value, context: Context) -> Steps[int | None]:
    """What an expression is, given as text; the code in it and in the variables that it names is walked."""
    state = walker.state
    yield walker.expansion(value, None, context)
    text = literal(value)
    source = "".join([part for part in value if type(part) is str])
    for name in set(_NAME.findall(source[:_MOST_ARITHMETIC])):
        yield walker.expansion(state.value(name) or (), None, context)
    if text is not None:
        return evaluate(text, state)
    forget_assigned(state, source)
    return None


def _resolve_pieces(
    walker: "Walker", pieces: tuple[Piece, ...], context: Context, results: Results, links: list[int], repeats: bool
) -> Steps[None]:
    for piece in pieces:
        if type(piece) is Substitution:
            results[id(piece)] = yield _substitution(walker, piece, context, links)
        elif type(piece) is Parameter:
            if piece.argument or piece.subscript is not None:
                yield _resolve_parameter(walker, piece, context, results, links, repeats)
            else:
                results[id(piece)] = value_of(piece, walker.state, results)
        elif type(piece) is Opaque:
            yield _resolve_pieces(walker, piece.inner, context, results, links, repeats)
            if piece.kind is HoleKind.ARITHMETIC:
                number = yield calculate(walker, flat_value(piece.inner, walker.state, results), context)
                if number is None or repeats:
                    forget_assigned(walker.state, piece.source)
                else:
                    results[id(piece)] = (str(number),)


def _resolve_parameter(
    walker: "Walker", piece: Parameter, context: Context, results: Results, links: list[int], repeats: bool
) -> Steps[None]:
    state = walker.state
    subscript: list[tuple[str, bool]] | None = []
    if piece.subscript is not None:
        yield _resolve_pieces(walker, piece.subscript, context, results, links, repeats)
        subscript = segments(piece.subscript, state, results)
        if subscript is not None and any("$" in text or "`" in text for text, _ in subscript):
            yield walker.expansion(tuple([text for text, _ in subscript]), None, context)
            subscript = None
        if subscript is not None and not _is_key(piece, state):
            number = yield calculate(walker, tuple([text for text, _ in subscript]), context)
            subscript = [(str(number), False)] if number is not None and not repeats else None
    if piece.operator not in DEFAULTS:
        yield _resolve_pieces(walker, piece.argument, context, results, links, repeats)
        argument = segments(argument_of(piece), state, results)
        if piece.operator == "@" and argument is not None and "".join([text for text, _ in argument]) == "P":
            value = state.value(piece.name)
            # A prompt has escapes of its own, which may spell a substitution.
            walker.dynamic = walker.dynamic or value is None or any("\\" in p for p in value if type(p) is str)
            yield walker.expansion(value or (), None, context)
        known = None if repeats and piece.operator == ":" else parameter(piece, subscript, argument, state)
        if known is None and piece.operator == ":":
            forget_assigned(state, piece.source)
        results[id(piece)] = known if known is not None else unknown(piece)
        return
    used = uses_default(piece, subscript, state)
    before = state.snapshot()
    yield _resolve_pieces(walker, piece.argument, context, results, links, repeats)
    if used is None:
        state.join(before)
    elif not used:
        state.restore(before)
    assigns = piece.operator in ("=", ":=")
    if used and assigns and not repeats and piece.subscript is None and not piece.prefix:
        value = flat_value(piece.argument, state, results)
        if any("~" in part for part in value if type(part) is str):
            state.assign(piece.name, None)
            results[id(piece)] = unknown(piece)
            return
        state.assign(piece.name, value)
        results[id(piece)] = value
        return
    known = parameter(piece, subscript, [], state) if used is not None else None
    results[id(piece)] = known if known is not None else unknown(piece)
    if assigns and used is not False:
        state.assign(piece.name, None)
        results[id(piece)] = unknown(piece)


def _is_key(piece: Parameter, state: State) -> bool:
    """Whether the subscript is not calculated: it names a key, or all elements."""
    variable = state.variable(piece.name)
    return piece.subscript in _ALL or (isinstance(variable, Array) and variable.associative)


def _substitution(walker: "Walker", piece: Substitution, context: Context, links: list[int]) -> Steps[Value]:
    if not walker.budget.spend():
        return (Hole(HoleKind.SUBSTITUTION, piece.source, not piece.quoted),)
    is_process = piece.kind != "$"
    pipes = context.pipes
    if is_process:
        walker.pipelines += 1
        number = walker.pipelines
        links.append(number if piece.kind == ">" else -number)
        later = piece.kind == ">"
        pipes = (*(PipePosition(p.pipeline, p.stage + later) for p in pipes), PipePosition(number, int(later)))
    inner = Context(
        context.embedded,
        (*context.inside, "process_substitution" if is_process else "substitution"),
        pipes,
        context.wrappers,
        context.span or piece.span,
        # What `>(..)` reads is what the command prints, which is not known here.
        context.feed or (Feed(None, Origin.UNKNOWN) if piece.kind == ">" else None),
        context.depth + 1,
    )
    before, saved = len(walker.found), walker.state.snapshot()
    last: Output = yield walker.visit(piece.body, inner)
    walker.state.restore(saved)
    printed = printed_by(walker, last, context)
    output = sure_text_of(printed)
    origin = walker.codes.origin_of_output(walker.found[before:], walker.catalogue)
    walker.codes.producers[piece.source] = walker.found[before:]
    if origin is Origin.DECODED and output is not None:
        walker.codes.note_decoded(output)
    if is_process:
        walker.codes.processes[piece.source] = handed_on(printed, origin)
        return (Hole(HoleKind.PROCESS, piece.source),)
    if output is not None:
        return without_last_newlines(output)
    walker.codes.origins[piece.source] = origin
    return (Hole(HoleKind.SUBSTITUTION, piece.source, not piece.quoted),)
