"""Lists, pipelines, groups, conditions and tests: what runs after what, and what is known on each way."""

from typing import TYPE_CHECKING

import msgspec

from security_hooks.model.shell import PipePosition
from security_hooks.model.word import Origin
from security_hooks.shell.context import NOTHING, Context, Feed, Found, Output, Several
from security_hooks.shell.patterns import compile_pattern
from security_hooks.shell.printed import Printed
from security_hooks.shell.printing import handed_on, printed_by
from security_hooks.shell.run import run_simple
from security_hooks.shell.state import Known
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results, calculate
from security_hooks.shell.syntax import (
    AnyWord,
    Background,
    Block,
    Case,
    Chain,
    Coproc,
    HereDoc,
    If,
    Negated,
    Node,
    Pipeline,
    RawRedirect,
    RawWord,
    Sequence,
    Simple,
    Test,
)
from security_hooks.shell.words import expand_value, segments
from security_hooks.shell.writes import note_group

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_CALCULATED = ("-v", "-R", "-eq", "-ne", "-lt", "-le", "-gt", "-ge")
_SURE = frozenset(("<<", "<<-", "<<<"))


def walk_sequence(walker: "Walker", node: Sequence, context: Context) -> Steps[Output]:
    """Statements one after the other, and so what they print."""
    outputs: list[Output] = []
    handlers = walker.handlers
    for item in node.items:
        dead = walker.state.known.dead
        if type(item) is Simple:
            output: Output = yield from run_simple(walker, item, context)
        else:
            # What nests does so through here: a step of its own, so that it costs heap and no stack.
            output = yield handlers[type(item)](walker, item, context)
        outputs.append(NOTHING if dead else output)
    return outputs[0] if len(outputs) == 1 else Several(tuple(outputs), sure=True)


def walk_pipeline(walker: "Walker", node: Pipeline, context: Context) -> Steps[Output]:
    """Stages, each fed by the one before; the last one prints what the pipeline prints."""
    walker.pipelines += 1
    state, number, feed = walker.state, walker.pipelines, context.feed
    origin = feed.origin if feed is not None else Origin.UNKNOWN
    printed: Printed | None = None
    for stage, part in enumerate(node.stages):
        saved, first = state.snapshot(), len(walker.found)
        last: Output = yield from walker.visit(part, context.staged(PipePosition(number, stage), feed))
        # Most shells run each stage elsewhere, some the last one here: what it assigned may hold or not.
        state.join(saved)
        state.settle()
        if stage and isinstance(last, Found):
            last.given = printed
        if stage + 1 == len(node.stages):
            return last
        origin = walker.codes.origin_of_output(walker.found[first:], walker.catalogue, origin)
        printed = printed_by(walker, last, context)
        feed = handed_on(printed, origin)
    return None


def walk_chain(walker: "Walker", node: Chain, context: Context) -> Steps[Output]:
    """`a && b || c`: what holds where the last one that ran succeeded, and what where it failed."""
    state = walker.state
    outputs: list[Output] = []
    good = bad = state.known
    for operator, part in node.parts:
        if operator:
            state.restore((good if operator == "&&" else bad).copy())
        outputs.append((yield from walker.visit(part, context)))
        succeeded, failed = state.ends()
        if operator == "||":
            good, bad = _either(walker, good, succeeded), failed
        elif operator:
            good, bad = succeeded, _either(walker, bad, failed)
        else:
            good, bad = succeeded, failed
    both = _either(walker, good, bad)
    state.restore(both.copy() if both is good else both)
    state.settle((good, bad))
    return Several(tuple(outputs), sure=False)


def _either(walker: "Walker", one: Known, other: Known) -> Known:
    if one is other:
        return one
    state = walker.state
    state.restore(one.copy())
    state.join(other)
    return state.known


def walk_negated(walker: "Walker", node: Negated, context: Context) -> Steps[Output]:
    """`! command`."""
    output: Output = yield walker.visit(node.node, context)
    succeeded, failed = walker.state.ends()
    walker.state.settle((failed, succeeded))
    return output


def walk_background(walker: "Walker", node: Background, context: Context) -> Steps[Output]:
    """`command &`."""
    output: Output = yield elsewhere(walker, node.node, context.into("background"))
    return Several((output,), sure=False)


def elsewhere(walker: "Walker", node: Node, context: Context) -> Steps[Output]:
    """Walk what runs in a process of its own, whose variables nobody sees again."""
    saved = walker.state.snapshot()
    output: Output = yield walker.visit(node, context)
    walker.state.restore(saved)
    walker.state.settle()
    return output


def walk_block(walker: "Walker", node: Block, context: Context) -> Steps[Output]:
    """A group or a subshell."""
    inner, own = yield from redirected(walker, node.redirects, context, node.kind)
    mark, before = len(walker.found), before_redirects(walker, node.redirects)
    output: Output = yield (
        elsewhere(walker, node.body, inner) if node.kind == "subshell" else walker.visit(node.body, inner)
    )
    if before is not None:
        walker.state.join(before)
    return left_over(walker, own, mark, output, context)


def left_over(walker: "Walker", own: Found | None, mark: int, output: Output, context: Context) -> Output:
    """What a construct prints where its `own` redirections leave it, and where they do not, what stands in files.

    `mark` is how many commands were found before those inside.
    """
    if own is None:
        return output
    note_group(walker, own.redirects, walker.found[mark:], output, context)
    own.output = output
    return own


def before_redirects(walker: "Walker", redirects: tuple[RawRedirect, ...]) -> Known | None:
    """What is known now, where one of these redirections may fail, so that nothing is run; None else."""
    return walker.state.snapshot() if redirects and not all(map(_is_sure, redirects)) else None


def _is_sure(redirect: RawRedirect) -> bool:
    return redirect.operator in _SURE or (
        not isinstance(redirect.target, HereDoc | RawWord) and redirect.target.literal in ("/dev/null", "1", "2")
    )


def redirected(
    walker: "Walker", redirects: tuple[RawRedirect, ...], context: Context, construct: str
) -> Steps[tuple[Context, Found | None]]:
    """The context within a construct and its redirections, which become a command of no words."""
    inner = context.into(construct) if construct else context
    if not redirects:
        return inner, None
    spans = [r.target.operator if isinstance(r.target, HereDoc) else _span(r.target) for r in redirects]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    bare = Simple((), (), redirects, "", start, end, nested=True)
    found: Found | None = yield run_simple(walker, bare, context)
    feed = walker.codes.feed_of(found.redirects) if found else None
    return (inner if feed is None else msgspec.structs.replace(inner, feed=feed)), found


def walk_if(walker: "Walker", node: If, context: Context) -> Steps[Output]:
    """Every branch, each with what its condition leaves."""
    inner, own = yield from redirected(walker, node.redirects, context, "condition")
    state, whole = walker.state, before_redirects(walker, node.redirects)
    mark = len(walker.found)
    outputs: list[Output] = []
    outcomes: list[Known] = [] if whole is None else [whole]
    for condition, branch in node.branches:
        outputs.append((yield walker.visit(condition, inner)))
        succeeded, failed = state.ends()
        state.restore(succeeded.copy())
        outputs.append((yield walker.visit(branch, inner)))
        outcomes.append(state.known)
        state.restore(failed.copy())
    outputs.append((yield walker.visit(node.otherwise, inner)))
    for outcome in outcomes:
        state.join(outcome)
    state.settle()
    return left_over(walker, own, mark, Several(tuple(outputs), sure=False), context)


def walk_case(walker: "Walker", node: Case, context: Context) -> Steps[Output]:
    """The arms that may match: all of them, unless subject and patterns are known."""
    inner, own = yield from redirected(walker, node.redirects, context, "condition")
    state, whole = walker.state, before_redirects(walker, node.redirects)
    mark = len(walker.found)
    outputs: list[Output] = []
    results: Results = {}
    yield walker.resolve((node.subject,), inner, results)
    subject = expand_value(node.subject, state, results).literal
    outcomes: list[Known] = [] if whole is None else [whole]
    # What holds where the patterns are still looked at, and where the arm before falls into the next one.
    testing: Known | None = state.known
    falling: Known | None = None
    for patterns, body, end in node.arms:
        entries = [] if falling is None else [falling]
        if testing is not None:
            state.restore(testing)
            for pattern in patterns:
                yield walker.resolve((pattern,), inner, results)
            testing = state.known
            found = [_matches(walker, subject, pattern, results) for pattern in patterns]
            if True in found or None in found:
                entries.append(testing)
            testing = None if True in found else testing
        if not entries:
            continue
        state.restore(entries[0].copy())
        for entry in entries[1:]:
            state.join(entry)
        outputs.append((yield walker.visit(body, inner)))
        falling = state.known if end == ";&" else None
        if end == ";;&":
            testing = state.known if testing is None else _either(walker, testing, state.known)
        elif falling is None:
            outcomes.append(state.known)
    outcomes += [known for known in (testing, falling) if known is not None]
    state.restore(outcomes[0].copy())
    for outcome in outcomes[1:]:
        state.join(outcome)
    state.settle()
    return left_over(walker, own, mark, Several(tuple(outputs), sure=False), context)


def _matches(walker: "Walker", subject: str | None, raw: AnyWord, results: Results) -> bool | None:
    pieces = raw.pieces if isinstance(raw, RawWord) else None
    parts = [(raw.literal or "", True)] if not isinstance(raw, RawWord) else None
    if pieces is not None:
        parts = segments(pieces, walker.state, results)
        if parts and not parts[0][1] and parts[0][0].startswith("~"):
            parts = None
    if subject is None or parts is None or not subject.isascii():
        # `*` matches whatever there is.
        return (
            True
            if parts and parts[0][0] and all(not quoted and not text.strip("*") for text, quoted in parts)
            else None
        )
    pattern = compile_pattern(parts, walker.state)
    return None if pattern is None else pattern.matches(subject)


def walk_coproc(walker: "Walker", node: Coproc, context: Context) -> Steps[None]:
    """`coproc command`: what it reads is what others write into its descriptor."""
    yield elsewhere(walker, node.node, msgspec.structs.replace(context.into("coproc"), feed=Feed(None, Origin.UNKNOWN)))


def walk_test(walker: "Walker", node: Test, context: Context) -> Steps[Output]:
    """`[[ .. ]]` and `(( .. ))`: the code in their words, and what they assign."""
    inner, _ = yield from redirected(walker, node.redirects, context, "")
    before = before_redirects(walker, node.redirects)
    results: Results = {}
    yield walker.resolve(node.words, inner, results)
    for number, word in enumerate(node.words):
        if _source(word) in _CALCULATED:
            for operand in node.words[max(number - 1, 0) : number + 2]:
                yield calculate(walker, expand_value(operand, walker.state, results).parts, inner)
    if before is not None:
        walker.state.join(before)
    walker.state.settle()
    return NOTHING


def _source(word: AnyWord) -> str:
    return word.source if isinstance(word, RawWord) else word.literal or ""


def _span(word: AnyWord) -> tuple[int, int]:
    return (word.start, word.end) if isinstance(word, RawWord) else word.span
