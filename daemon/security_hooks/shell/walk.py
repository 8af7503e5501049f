"""Follows a syntax tree in the order in which the shell would, and finds every simple command in it.

What is conditional, repeated or run elsewhere leaves only what is true either way in the state. All walking is
done in steps on the heap.
"""

from collections.abc import Callable, Iterable
from typing import Any

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.shell import control
from security_hooks.shell.context import Context, Found, Output
from security_hooks.shell.embed import Text as Code
from security_hooks.shell.functions import Definition, Frame, define, walk_uncalled
from security_hooks.shell.internal import holds_code
from security_hooks.shell.limits import Budget
from security_hooks.shell.loops import walk_loop
from security_hooks.shell.origins import Codes
from security_hooks.shell.parse import parse, parse_expansion
from security_hooks.shell.run import run_simple
from security_hooks.shell.state import State, Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results, resolve
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
    Negated,
    Node,
    Pipeline,
    Sequence,
    Simple,
    Test,
)
from security_hooks.shell.traps import Trap, walk_again
from security_hooks.shell.witness import disagreement

Handler = Callable[["Walker", Any, Context], Steps[Output]]
# Commands that rounds of loops and calls of functions may add to those that stand in the script.
_MOST_REPEATED = 256


class Walker:
    """One walk over one script. `found` grows in the order of running; `codes` knows where texts come from.

    `bodies` are the functions by name, `calls` those that the walk is in, `frames` the loops, functions and processes
    around, `traps` what runs later; `allowance` is how many commands repetitions may still add.
    """

    def __init__(self, place: Place, catalogue: Catalogue, budget: Budget) -> None:
        self.catalogue = catalogue
        self.budget = budget
        self.state = State(place, budget)
        self.codes = Codes()
        self.found: list[Found] = []
        self.problem: str | None = None
        self.dynamic = False
        self.bodies: dict[str, list[Definition]] = {}
        self.calls: list[str] = []
        self.frames: list[Frame] = []
        self.allowance = _MOST_REPEATED
        self.traps: list[Trap] = []
        self.pipelines = 0
        self.loops = 0
        self.handlers = _HANDLERS

    def script(self, text: str) -> Steps[None]:
        """Read and walk a whole script, and then the functions that it defines but never calls."""
        yield self.text(text, Context({}))
        if self.traps:
            yield walk_again(self)
        if self.bodies:
            yield walk_uncalled(self)

    def text(self, text: str, context: Context) -> Steps[Output]:
        """Read a text and walk it; what prints its output."""
        if len(text) > self.budget.limits.bytes:
            self.budget.over = True
            return None
        tree = parse(text, self.budget, context.embedded, context.depth)
        if not self.budget.over:
            self.problem = self.problem or tree.journal.problem or disagreement(text, tree.journal)
        elif context.depth == 0:
            self.budget.grant()
        last: Output = yield from control.walk_sequence(self, tree.body, context)
        if tree.journal.problem is not None:
            # A shell gives up somewhere in such a text.
            self.state.forget_all()
        return last

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

    def resolve(self, words: Iterable[AnyWord | HereDoc], context: Context, results: Results) -> Steps[list[int]]:
        """Walk the code within words: see `substitutions.resolve`."""
        return resolve(self, words, context, results)

    def visit(self, node: Node, context: Context) -> Steps[Output]:
        """Walk one node; what prints its output."""
        return self.handlers[type(node)](self, node, context)


_HANDLERS: dict[type[Any], Handler] = {
    Sequence: control.walk_sequence,
    Simple: run_simple,
    Pipeline: control.walk_pipeline,
    Chain: control.walk_chain,
    Negated: control.walk_negated,
    Background: control.walk_background,
    Block: control.walk_block,
    If: control.walk_if,
    Loop: walk_loop,
    Case: control.walk_case,
    Function: define,
    Coproc: control.walk_coproc,
    Test: control.walk_test,
}
