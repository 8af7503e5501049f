"""One simple command: its words expanded, its wrappers peeled, what it does to the shell itself, the code it runs."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import CommandSpec, Kind
from security_hooks.model.shell import Assignment, Hole, HoleKind, Origin, PipePosition, Redirect, Word, Wrapper
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text, joined, requoted, shown
from security_hooks.shell.internal import affect
from security_hooks.shell.options import Reading
from security_hooks.shell.origins import is_unreadable
from security_hooks.shell.spelling import is_hidden_option, is_hidden_program
from security_hooks.shell.state import Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import AnyWord, HereDoc, RawRedirect, Simple
from security_hooks.shell.unwrap import Invocation, peel
from security_hooks.shell.words import Results, expand, expand_value, word_of

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly", "alias"))
_NAMED = re.compile(r"[A-Za-z_][\w.-]*\+?=")
_STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
_RUNNING_CODE = (Kind.SHELL, Kind.INTERPRETER)
_ENVIRONMENT = ("HOME", "IFS", "PWD")


def run_simple(walker: "Walker", node: Simple, context: Context) -> Steps[Found | None]:
    """Note the command, and all that it runs; the finding that prints what the command prints."""
    results: dict[int, Value] = {}
    links: list[int] = []
    state = walker.state
    if node.nested:
        assigned = [word for a in node.assignments for word in (a.value, *(a.elements or ()))]
        targets = [redirect.target for redirect in node.redirects]
        links = yield walker.resolve((*assigned, *node.words, *targets), context, results)
    words, odd = _expand_words(walker, node.words, results)
    walker.budget.spend(len(words))
    assignments = tuple(Assignment(a.name, expand_value(a.value, state, results), a.append) for a in node.assignments)
    redirects = tuple([_redirect(raw, walker, results) for raw in node.redirects])
    if links:
        positions = tuple(PipePosition(abs(number), 0 if number > 0 else 1) for number in links)
        context = replace(context, pipes=context.pipes + positions)
    text = shown(node.text, context.embedded)
    span = context.span or (node.start, node.end)
    if not words:
        found = Found((), "", text, span, context, Reading(None))
        found.is_known = True
        found.assignments, found.redirects = assignments, redirects
        walker.found.append(found)
        for raw, assignment in zip(node.assignments, assignments, strict=True):
            state.assign(
                assignment.name, _assigned(state.value(assignment.name), raw.indexed, raw.elements, assignment)
            )
        return found
    noted = _note(walker, tuple(words), odd, assignments, redirects, text, span, context)
    for invocation, found in noted:
        if _does_more(walker, invocation, found):
            yield _run_invocation(walker, invocation, found, context)
    return noted[0][1] if len(noted) == 1 else None


def _redirect(raw: RawRedirect, walker: "Walker", results: Results) -> Redirect:
    target = raw.target.body if isinstance(raw.target, HereDoc) else raw.target
    return Redirect(raw.operator, raw.descriptor, expand_value(target, walker.state, results))


def _assigned(
    old: Value | None, indexed: bool, elements: tuple[AnyWord, ...] | None, assignment: Assignment
) -> Value | None:
    if indexed or elements is not None:
        return None
    if not assignment.append:
        return assignment.value.parts
    return None if old is None else (*old, *assignment.value.parts)


def _expand_words(walker: "Walker", raws: tuple[AnyWord, ...], results: Results) -> tuple[list[Word], set[int]]:
    """The words, and the ids of those whose spelling hides them."""
    words: list[Word] = []
    odd: set[int] = set()
    declaring = False
    for raw in raws:
        if isinstance(raw, Word):
            words.append(raw)
            declaring = declaring or (len(words) == 1 and raw.literal in _DECLARING)
            continue
        if declaring and _NAMED.match(raw.source):
            expanded = [expand_value(raw, walker.state, results)]
        else:
            expanded = expand(raw, walker.state, results)
        for word in expanded:
            literal = word.literal
            if literal is None:
                continue
            if literal.startswith("-"):
                if is_hidden_option(raw):
                    odd.add(id(word))
            elif is_hidden_program(raw) or (len(expanded) > 1 and len(raw.pieces) > 1):
                odd.add(id(word))
        words.extend(expanded)
    return words, odd


def _note(
    walker: "Walker",
    words: tuple[Word, ...],
    odd: set[int],
    assignments: tuple[Assignment, ...],
    redirects: tuple[Redirect, ...],
    text: str,
    span: tuple[int, int],
    context: Context,
) -> list[tuple[Invocation, Found]]:
    """Note each program that these words run, and give it back with what was noted."""
    noted: list[tuple[Invocation, Found]] = []
    builtins, functions = walker.catalogue.builtins, walker.state.functions
    for invocation in peel(words, walker.catalogue, walker.budget):
        found = Found(invocation.words, invocation.program, text, span, context, invocation.reading)
        if invocation.wrappers:
            found.wrappers = context.wrappers + invocation.wrappers
        found.assignments = assignments + invocation.assignments if invocation.assignments else assignments
        found.redirects = redirects
        # A function or builtin is called by its bare name.
        name = invocation.words[0].literal
        found.is_known = name is not None and (name in builtins or name in functions)
        if odd:
            found.odd = any(
                id(word) in odd and (number == 0 or (word.literal or "").startswith("-"))
                for number, word in enumerate(invocation.words)
            )
        if invocation.emitted:
            walker.found.append(found)
        noted.append((invocation, found))
    return noted


def _does_more(walker: "Walker", invocation: Invocation, found: Found) -> bool:
    """Whether the program runs code, or is the shell's own and changes it."""
    spec = invocation.reading.spec
    return bool(
        invocation.codes
        or found.is_known
        or invocation.program is None
        or (spec is not None and (spec.kind in _RUNNING_CODE or _starts_shell(spec, invocation)))
        or invocation.program in walker.state.aliases
    )


def _starts_shell(spec: CommandSpec, invocation: Invocation) -> bool:
    """Whether this wrapper was given nothing to run and so starts a shell: `ssh host`, `su`."""
    wraps = spec.wraps
    return wraps is not None and wraps.shell and invocation.is_bare


def _run_invocation(walker: "Walker", invocation: Invocation, found: Found, context: Context) -> Steps[None]:
    program, state = invocation.program, walker.state
    wrappers = (*found.wrappers, Wrapper(program or "", invocation.words))
    for code in invocation.codes:
        _note_origin(walker, found, walker.codes.origin_of_code(code))
        yield _run_code(walker, joined(code), found, wrappers, context, elsewhere=True)
    if program is None:
        # It may be a builtin that assigns.
        state.forget_all()
        return
    spec = invocation.reading.spec
    if spec is not None and spec.kind in _RUNNING_CODE:
        yield _run_interpreter(walker, spec, found, wrappers, context)
        return
    if spec is not None and _starts_shell(spec, invocation):
        feed = walker.codes.feed_of(found.redirects) or context.feed
        if feed is not None:
            yield _run_feed(walker, feed, found, wrappers, context, elsewhere=True)
        return
    if program in state.aliases:
        # Whether this shell looks at aliases is not known: what it would be with and without is noted.
        alias = state.aliases.pop(program)
        parts = alias if alias is not None else (Hole(HoleKind.OTHER, program, splits=True),)
        text = Text((*parts, *requoted(invocation.words[1:])))
        yield _run_code(walker, text, found, found.wrappers, context, elsewhere=False)
        state.aliases[program] = alias
    if not found.is_known:
        return
    effect = affect(state, program, invocation.reading)
    if effect.code:
        _note_origin(walker, found, walker.codes.origin_of_code(effect.code))
        inner = context if effect.is_immediate else context.into("trap")
        yield _run_code(walker, joined(effect.code), found, wrappers, inner, elsewhere=not effect.is_immediate)
        if effect.is_immediate and is_unreadable(found.origin):
            state.forget_all()
    if effect.sourced is not None:
        feed = walker.codes.feed_of_file(effect.sourced)
        if effect.sourced.literal in _STDIN:
            feed = walker.codes.feed_of(found.redirects) or context.feed or feed
        yield _run_feed(walker, feed, found, wrappers, context, elsewhere=False)
        if feed.text is None:
            state.forget_all()


def _run_interpreter(
    walker: "Walker", spec: CommandSpec, found: Found, wrappers: tuple[Wrapper, ...], context: Context
) -> Steps[None]:
    """Find the code that a shell or another interpreter is given: by option, by file, or on standard input."""
    reading = found.reading
    operands = reading.operands
    if not spec.modules.isdisjoint(reading.options):
        return
    given = spec.code & reading.options
    if given:
        codes = [value for name, value in reading.values if name in given and value is not None] or operands[:1]
        for code in codes:
            _note_origin(walker, found, walker.codes.origin_of_code((code,)))
            if spec.kind is Kind.SHELL:
                yield _run_code(walker, joined((code,)), found, wrappers, context, elsewhere=True)
        return
    first = operands[0] if operands else None
    if first is not None and first.literal not in _STDIN and "-s" not in reading.options:
        part = first.parts[0] if first.parts else ""
        if isinstance(part, Hole) and part.kind is not HoleKind.PROCESS and (part.splits or len(operands) > 1):
            # It may be the option that says that code follows.
            _note_origin(walker, found, Origin.UNKNOWN)
            return
        feed: Feed | None = walker.codes.feed_of_file(first)
    else:
        feed = walker.codes.feed_of(found.redirects) or context.feed
    if feed is not None:
        yield _run_feed(walker, feed, found, wrappers, context, elsewhere=True, is_shell=spec.kind is Kind.SHELL)


def _note_origin(walker: "Walker", found: Found, origin: Origin) -> None:
    if origin is not Origin.LITERAL:
        found.origin = origin
        walker.dynamic = walker.dynamic or is_unreadable(origin)


def _run_feed(
    walker: "Walker",
    feed: Feed,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
    *,
    elsewhere: bool,
    is_shell: bool = True,
) -> Steps[None]:
    if feed.text is None:
        _note_origin(walker, found, feed.origin)
        return
    code = word_of(feed.text, found.span)
    _note_origin(walker, found, walker.codes.origin_of_code((code,)))
    if is_shell:
        yield _run_code(walker, joined((code,)), found, wrappers, context, elsewhere=elsewhere)


def _run_code(
    walker: "Walker", code: Text, found: Found, wrappers: tuple[Wrapper, ...], context: Context, *, elsewhere: bool
) -> Steps[None]:
    """Walk the code that a command runs. `elsewhere` says that it runs in a process of its own."""
    state = walker.state
    saved = state.snapshot()
    if elsewhere:
        # What is not exported is not seen there; what is, this walk does not tell apart.
        state.variables = {name: value for name, value in saved.items() if name in _ENVIRONMENT}
    for assignment in found.assignments:
        state.assign(assignment.name, None if assignment.append else assignment.value.parts)
    inner = Context(code.embedded, context.inside, found.pipes, wrappers, found.span, context.feed, context.depth + 1)
    yield walker.text(code.text, inner)
    if elsewhere:
        state.variables = saved
    else:
        for assignment in found.assignments:
            state.assign(assignment.name, None)
