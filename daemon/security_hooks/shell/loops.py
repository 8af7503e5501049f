"""Loops: one round after the other where the words are known and few, else whatever holds in all rounds."""

from typing import TYPE_CHECKING

from security_hooks.model.word import HoleKind
from security_hooks.shell.arithmetic import forget_assigned
from security_hooks.shell.context import Context, Found, Output, Several
from security_hooks.shell.control import before_redirects, left_over, redirected
from security_hooks.shell.functions import Frame, join_leaving
from security_hooks.shell.state import Value, splits, whole
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results
from security_hooks.shell.syntax import Loop, RawWord
from security_hooks.shell.words import expand

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_MOST_PASSES = 3
_MOST_LOOPS = 2
_MOST_ROUNDS = 64


def walk_loop(walker: "Walker", node: Loop, context: Context) -> Steps[Output]:
    """`for`, `select`, `while`, `until`."""
    inner, own = yield from redirected(walker, node.redirects, context, "loop")
    state, whole_state = walker.state, before_redirects(walker, node.redirects)
    values: list[Value] = []
    for word in node.words:
        results: Results = {}
        yield walker.resolve((word,), inner, results)
        if node.variable:
            values += [expanded.parts for expanded in expand(word, state, results)]
        elif type(word) is RawWord:
            forget_assigned(state, word.source)
    frame = Frame(is_function=False)
    walker.frames.append(frame)
    mark = len(walker.found)
    output: Several | None = None
    if node.counts and 0 < len(values) <= _MOST_ROUNDS and not any(map(splits, values)):
        output = yield _rounds(walker, node, values, inner, frame)
    if output is None:
        value = whole(values[0]) if node.counts and len(values) == 1 and _is_any_of(values[0]) else None
        output = yield _any_rounds(walker, node, value, inner, frame)
    walker.frames.pop()
    if whole_state is not None:
        state.join(whole_state)
    state.settle()
    return left_over(walker, own, mark, output, context)


def _is_any_of(value: Value) -> bool:
    """Whether each word that this one becomes looks like it: file names, or all of it unknown."""
    return len(value) == 1 or all(isinstance(part, str) or part.kind is HoleKind.GLOB for part in value)


def _rounds(walker: "Walker", node: Loop, values: list[Value], inner: Context, frame: Frame) -> Steps[Several | None]:
    """Walk one round for each value. None where these would be too many: then nothing was done."""
    outputs: list[Output] = []
    sure = True
    state, before = walker.state, walker.state.snapshot()
    mark, pipelines = len(walker.found), walker.pipelines
    for number, value in enumerate(values):
        state.assign(node.variable, value)
        outputs.append((yield walker.visit(node.body, inner)))
        join_leaving(state, frame)
        if number == 0 and len(values) > 1:
            cost = (len(walker.found) - mark) * (len(values) - 1)
            if cost > walker.allowance or walker.budget.over:
                state.restore(before)
                del walker.found[mark:]
                walker.pipelines = pipelines
                frame.leaving.clear()
                return None
            walker.allowance -= cost
        if frame.leaving:
            sure = False
            # A round that was broken off may have been the last one.
            frame.broken.extend(frame.leaving)
            frame.leaving.clear()
    for known in frame.broken:
        state.join(known)
    frame.broken.clear()
    return Several(tuple(outputs), sure)


def _any_rounds(walker: "Walker", node: Loop, value: Value | None, inner: Context, frame: Frame) -> Steps[Several]:
    """Walk rounds until one changes nothing that the next would rely on."""
    state = walker.state
    walker.loops += 1
    if walker.loops > _MOST_LOOPS:
        state.forget_all()
    if node.variable:
        state.assign(node.variable, None)
    before = state.snapshot()
    mark = (len(walker.found), walker.pipelines)
    earlier: list[Found] = []
    outputs: tuple[Output, ...] = ()
    for attempt in range(_MOST_PASSES):
        if node.variable:
            state.assign(node.variable, value)
        tested: Output = yield walker.visit(node.condition, inner)
        done: Output = yield walker.visit(node.body, inner)
        outputs = (tested, done)
        join_leaving(state, frame)
        frame.leaving.clear()
        if node.variable:
            state.assign(node.variable, None)
        if walker.budget.over:
            # This round may have ended early; what the one before it found still stands.
            walker.found += earlier
            break
        # What one round changes, the next does not know: walk again with only what holds in all rounds.
        state.join(before)
        if state.known.agrees_with(before):
            break
        if attempt == _MOST_PASSES - 2:
            state.forget_all()
        elif attempt == _MOST_PASSES - 1:
            break
        before = state.snapshot()
        earlier = walker.found[mark[0] :]
        del walker.found[mark[0] :]
        walker.pipelines = mark[1]
    state.join(before)
    walker.loops -= 1
    return Several(outputs, sure=False)
