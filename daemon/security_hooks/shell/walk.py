"""Follows a syntax tree in the order in which the shell would, and finds every simple command in it.

What is conditional, repeated or run elsewhere leaves only what is true either way in the state. All walking is
done in steps on the heap.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import PipePosition
from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text as Code
from security_hooks.shell.internal import holds_code
from security_hooks.shell.limits import Budget
from security_hooks.shell.origins import Codes
from security_hooks.shell.outputs import known_output, without_last_newlines
from security_hooks.shell.parse import parse, parse_expansion
from security_hooks.shell.run import run_simple
from security_hooks.shell.state import State, Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import (
    AnyWord,
    Background,
    Block,
    Case,
    Chain,
    Coproc,
    Function,
    HereDoc,
    If,
    Loop,
    Node,
    Opaque,
    Parameter,
    Piece,
    Pipeline,
    RawRedirect,
    RawWord,
    Sequence,
    Simple,
    Substitution,
    Test,
)
from security_hooks.shell.witness import disagreement
from security_hooks.shell.words import Results, expand_value, parameter_value, piece_value
from security_hooks.shell.writes import note_group

_ASSIGNED = re.compile(
    r"\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|(?:\+\+|--)\s*([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*(?:\+\+|--)"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_CALCULATED = ("-v", "-R", "-eq", "-ne", "-lt", "-le", "-gt", "-ge")
_MOST_ARITHMETIC = 2048
_MOST_PASSES = 3
_MOST_LOOPS = 2


class Walker:
    """One walk over one script. `found` grows in the order of running; `codes` knows where texts come from."""

    def __init__(self, place: Place, catalogue: Catalogue, budget: Budget) -> None:
        self.catalogue = catalogue
        self.budget = budget
        self.state = State(place, budget)
        self.codes = Codes()
        self.found: list[Found] = []
        self.problem: str | None = None
        self.dynamic = False
        self.bodies: dict[str, tuple[Node, Context]] = {}
        self.pipelines = 0
        self._loops = 0
        self._handlers: dict[type[Any], Callable[[Any, Context], Steps[Found | None]]] = {
            Sequence: self._sequence,
            Simple: self._simple,
            Pipeline: self._pipeline,
            Chain: self._chain,
            Background: self._background,
            Block: self._block,
            If: self._if,
            Loop: self._loop,
            Case: self._case,
            Function: self._function,
            Coproc: self._coproc,
            Test: self._test,
        }

    def text(self, text: str, context: Context) -> Steps[Found | None]:
        """Read a text and walk it; where it is a single simple command, that one's main finding."""
        if len(text) > self.budget.limits.bytes:
            self.budget.over = True
            return None
        tree = parse(text, self.budget, context.embedded, context.depth)
        if not self.budget.over:
            self.problem = self.problem or tree.journal.problem or disagreement(text, tree.journal)
        elif context.depth == 0:
            self.budget.grant()
        return (yield self._sequence(tree.body, context))  # type: ignore[no-any-return]  # a step's result

    def expansion(self, parts: Value, found: Found | None, context: Context) -> Steps[None]:
        """Walk the code in a text that the shell expands once more: prompts, subscripts, what is calculated."""
        if not holds_code(parts):
            return
        code = Code(parts)
        word, journal = parse_expansion(code.text, self.budget, code.embedded, context.depth)
        self.problem = self.problem or journal.problem
        span = context.span or (found.span if found is not None else (0, 0))
        inner = Context(
            code.embedded, context.inside, context.pipes, context.wrappers, span, context.feed, context.depth + 1
        )
        if inner.depth > self.budget.limits.depth:
            self.budget.over = True
            return
        yield self.resolve((word,), inner, {})

    def resolve(
        self, words: Iterable[AnyWord | HereDoc], context: Context, results: dict[int, Value]
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
                    inner = replace(context, span=word.operator)
            if type(raw) is RawWord and raw.nested:
                yield self._resolve_pieces(raw.pieces, inner, results, links)
        return links

    def _resolve_pieces(
        self, pieces: tuple[Piece, ...], context: Context, results: dict[int, Value], links: list[int]
    ) -> Steps[None]:
        for piece in pieces:
            if type(piece) is Substitution:
                results[id(piece)] = yield self._substitution(piece, context, links)
            elif type(piece) is Parameter and piece.argument:
                yield self._resolve_pieces(piece.argument, context, results, links)
                argument = self._flat(piece.argument, results)
                if piece.operator == "@" and "".join([part for part in argument if type(part) is str]) == "P":
                    value = self.state.value(piece.name)
                    # A prompt has escapes of its own, which may spell a substitution.
                    self.dynamic = self.dynamic or value is None or any("\\" in p for p in value if type(p) is str)
                    yield self.expansion(value or (), None, context)
                known = parameter_value(piece, argument, self.state)
                if known is not None:
                    results[id(piece)] = known
                if piece.operator in ("=", ":="):
                    self.state.assign(piece.name, None)
            elif type(piece) is Opaque:
                yield self._resolve_pieces(piece.inner, context, results, links)
                if piece.kind is HoleKind.ARITHMETIC:
                    for name in set(_NAME.findall(piece.source[:_MOST_ARITHMETIC])):
                        yield self.expansion(self.state.value(name) or (), None, context)
                self._forget_assigned(piece.source)

    def _flat(self, pieces: tuple[Piece, ...], results: Results) -> Value:
        return tuple(part for piece in pieces for part in piece_value(piece, self.state, results))

    def _forget_assigned(self, arithmetic: str) -> None:
        if "=" not in arithmetic and "++" not in arithmetic and "--" not in arithmetic:
            return
        if len(arithmetic) > _MOST_ARITHMETIC:
            self.state.forget_all()
            return
        for found in _ASSIGNED.finditer(arithmetic):
            self.state.assign(found[1] or found[2] or found[3], None)

    def _substitution(self, piece: Substitution, context: Context, links: list[int]) -> Steps[Value]:
        if not self.budget.spend():
            return (Hole(HoleKind.SUBSTITUTION, piece.source, not piece.quoted),)
        is_process = piece.kind != "$"
        pipes = context.pipes
        if is_process:
            self.pipelines += 1
            number = self.pipelines
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
        before, saved = len(self.found), self.state.snapshot()
        last: Found | None = yield self._sequence(piece.body, inner)
        self.state.variables = saved
        output = self._output(last, context)
        origin = self.codes.origin_of_output(self.found[before:], self.catalogue)
        if is_process:
            self.codes.processes[piece.source] = Feed(output, origin)
            return (Hole(HoleKind.PROCESS, piece.source),)
        if output is not None:
            return without_last_newlines(output)
        self.codes.origins[piece.source] = origin
        return (Hole(HoleKind.SUBSTITUTION, piece.source, not piece.quoted),)

    def _output(self, found: Found | None, context: Context) -> Value | None:
        if found is None or len(found.wrappers) > len(context.wrappers) or found.program in self.state.functions:
            return None
        return known_output(found.program, found.words, found.redirects)

    def _sequence(self, node: Sequence, context: Context) -> Steps[Found | None]:
        last: Found | None = None
        handlers = self._handlers
        for item in node.items:
            last = yield handlers[type(item)](item, context)
        return last if len(node.items) == 1 else None

    def _simple(self, node: Simple, context: Context) -> Steps[Found | None]:
        return run_simple(self, node, context)

    def _visit(self, node: Node, context: Context) -> Steps[Found | None]:
        return self._handlers[type(node)](node, context)

    def _pipeline(self, node: Pipeline, context: Context) -> Steps[None]:
        self.pipelines += 1
        number, feed = self.pipelines, context.feed
        origin = feed.origin if feed is not None else Origin.UNKNOWN
        for stage, part in enumerate(node.stages):
            saved, first = self.state.snapshot(), len(self.found)
            last: Found | None = yield self._visit(part, context.staged(PipePosition(number, stage), feed))
            # Most shells run each stage elsewhere, some the last one here: what it assigned may hold or not.
            self.state.join(saved)
            if stage + 1 == len(node.stages):
                return
            origin = self.codes.origin_of_output(self.found[first:], self.catalogue, origin)
            feed = Feed(self._output(last, context), origin)

    def _chain(self, node: Chain, context: Context) -> Steps[None]:
        saved: dict[str, Value] | None = None
        for operator, part in node.parts:
            if operator == "||" and saved is not None:
                self.state.join(saved)
            if operator and (saved is None or operator == "||"):
                saved = self.state.snapshot()
            yield self._visit(part, context)
        if saved is not None:
            self.state.join(saved)

    def _background(self, node: Background, context: Context) -> Steps[None]:
        yield self._elsewhere(node.node, context.into("background"))

    def _elsewhere(self, node: Node, context: Context) -> Steps[Found | None]:
        """Walk what runs in a process of its own, whose variables nobody sees again."""
        saved = self.state.snapshot()
        last: Found | None = yield self._visit(node, context)
        self.state.variables = saved
        return last

    def _block(self, node: Block, context: Context) -> Steps[None]:
        inner = yield from self._redirected(node.redirects, context, node.kind)
        mark = len(self.found)
        yield self._elsewhere(node.body, inner) if node.kind == "subshell" else self._sequence(node.body, inner)
        if node.redirects and mark:
            note_group(self, self.found[mark - 1].redirects, self.found[mark:])

    def _redirected(self, redirects: tuple[RawRedirect, ...], context: Context, construct: str) -> Steps[Context]:
        """The context within a construct and its redirections, which become a command of no words."""
        inner = context.into(construct) if construct else context
        if not redirects:
            return inner
        spans = [r.target.operator if isinstance(r.target, HereDoc) else _span(r.target) for r in redirects]
        start, end = min(start for start, _ in spans), max(end for _, end in spans)
        bare = Simple((), (), redirects, "", start, end, nested=True)
        found: Found | None = yield run_simple(self, bare, context)
        feed = self.codes.feed_of(found.redirects) if found else None
        return inner if feed is None else replace(inner, feed=feed)

    def _if(self, node: If, context: Context) -> Steps[None]:
        inner = yield from self._redirected(node.redirects, context, "condition")
        outcomes: list[dict[str, Value]] = []
        for condition, branch in node.branches:
            yield self._sequence(condition, inner)
            before = self.state.snapshot()
            yield self._sequence(branch, inner)
            outcomes.append(self.state.variables)
            self.state.variables = before
        yield self._sequence(node.otherwise, inner)
        for outcome in outcomes:
            self.state.join(outcome)

    def _case(self, node: Case, context: Context) -> Steps[None]:
        inner = yield from self._redirected(node.redirects, context, "condition")
        results: dict[int, Value] = {}
        yield self.resolve((node.subject,), inner, results)
        outcomes: list[dict[str, Value]] = []
        for patterns, body in node.arms:
            yield self.resolve(patterns, inner, results)
            before = self.state.snapshot()
            yield self._sequence(body, inner)
            outcomes.append(self.state.variables)
            # An arm that ends in `;&` falls into the next one.
            self.state.variables = before
            self.state.join(outcomes[-1])
        for outcome in outcomes:
            self.state.join(outcome)

    def _loop(self, node: Loop, context: Context) -> Steps[None]:
        inner = yield from self._redirected(node.redirects, context, "loop")
        results: dict[int, Value] = {}
        yield self.resolve(node.words, inner, results)
        for word in node.words:
            if type(word) is RawWord and not node.variable:
                self._forget_assigned(word.source)
        if node.variable:
            self.state.assign(node.variable, None)
        self._loops += 1
        if self._loops > _MOST_LOOPS:
            self.state.forget_all()
        before = self.state.snapshot()
        mark = (len(self.found), self.pipelines)
        earlier: list[Found] = []
        for attempt in range(_MOST_PASSES):
            yield self._sequence(node.condition, inner)
            yield self._sequence(node.body, inner)
            if self.budget.over:
                # This round may have ended early; what the one before it found still stands.
                self.found += earlier
                break
            if self.state.variables == before or not before:
                break
            # What one round changes, the next does not know: walk again with only what holds in all rounds.
            self.state.join(before)
            if self.state.variables == before:
                break
            if attempt == _MOST_PASSES - 2:
                self.state.forget_all()
            before = self.state.snapshot()
            earlier = self.found[mark[0] :]
            del self.found[mark[0] :]
            self.pipelines = mark[1]
        self.state.join(before)
        self._loops -= 1

    def _function(self, node: Function, context: Context) -> Steps[None]:
        self.state.functions.add(node.name)
        self.bodies[node.name] = (node.body, context)
        yield self._away(node.body, replace(context.into("function"), feed=None, depth=context.depth + 1))

    def call(self, name: str, found: Found, feed: Feed | None, context: Context) -> Steps[None]:
        """Walk the body of a function once more where something flows into or out of this call of it."""
        if feed is None and not found.pipes:
            return
        body, defined = self.bodies.pop(name)
        inner = Context(
            defined.embedded,
            (*context.inside, "function"),
            found.pipes,
            found.wrappers,
            defined.span,
            feed,
            context.depth + 1,
        )
        yield self._away(body, inner)
        self.bodies.setdefault(name, (body, defined))

    def _away(self, body: Node, inner: Context) -> Steps[None]:
        """Walk the body of a function, of which nobody knows when it is called."""
        saved = self.state.snapshot()
        # When it is called, variables may be anything; but for those of the environment, as a person expects.
        constant: dict[str, Value] = {name: saved[name] for name in ("HOME", "IFS") if name in saved}
        self.state.variables = dict(constant)
        yield self._visit(body, inner)
        after = self.state.variables
        self.state.unstable |= {name for name in {*after, *constant} if after.get(name) != constant.get(name)}
        self.state.variables = saved

    def _coproc(self, node: Coproc, context: Context) -> Steps[None]:
        # What it reads is what others write into its descriptor.
        yield self._elsewhere(node.node, replace(context.into("coproc"), feed=Feed(None, Origin.UNKNOWN)))

    def _test(self, node: Test, context: Context) -> Steps[None]:
        inner = yield from self._redirected(node.redirects, context, "")
        results: dict[int, Value] = {}
        yield self.resolve(node.words, inner, results)
        for number, word in enumerate(node.words):
            if (word.source if isinstance(word, RawWord) else word.literal or "") in _CALCULATED:
                for operand in node.words[max(number - 1, 0) : number + 2]:
                    value = expand_value(operand, self.state, results)
                    yield self.expansion(value.parts, None, inner)


def _span(word: AnyWord) -> tuple[int, int]:
    return (word.start, word.end) if isinstance(word, RawWord) else word.span
