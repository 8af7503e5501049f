"""One simple command: its words expanded, its wrappers peeled, what it does to the shell itself, the code it runs."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import CommandSpec, Kind
from security_hooks.catalogue.role import Role
from security_hooks.model.shell import Assignment, PipePosition, Redirect, Wrapper
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text, joined, requoted, shown
from security_hooks.shell.internal import affect
from security_hooks.shell.options import Reading
from security_hooks.shell.origins import descriptor_of, is_unreadable
from security_hooks.shell.spelling import is_hidden_option, is_hidden_program
from security_hooks.shell.state import Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import AnyWord, HereDoc, RawRedirect, Simple
from security_hooks.shell.unwrap import Invocation, assignment_of, peel
from security_hooks.shell.words import Results, expand, expand_value, word_of
from security_hooks.shell.writes import note_files, standard_input

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly", "alias"))
_NAMED = re.compile(r"[A-Za-z_][\w.-]*\+?=")
_PROMPTS = ("PS0", "PS1", "PS2", "PS4")
_STARTUP = ("BASH_ENV", "ENV")
_SHEBANG = re.compile(r"#!(?!.*sh\b)")
_RUNNING_CODE = (Kind.SHELL, Kind.INTERPRETER)
_ENVIRONMENT = ("HOME", "IFS", "PWD")


def run_simple(walker: "Walker", node: Simple, context: Context) -> Steps[Found | None]:
    """Note the command, and all that it runs; the finding that prints what the command prints."""
    if not walker.budget.follow():
        return None
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
        yield _run_variables(walker, found, context)
        return found
    noted = _note(walker, tuple(words), odd, assignments, redirects, text, span, context)
    for invocation, found in noted:
        if _does_more(walker, invocation, found):
            yield _run_invocation(walker, invocation, found, context)
        if invocation is noted[-1][0] and (found.assignments or found.program in _DECLARING):
            yield _run_variables(walker, found, context)
    note_files(walker, noted[-1][1], context)
    return noted[0][1] if len(noted) == 1 else None


def _run_variables(walker: "Walker", found: Found, context: Context) -> Steps[None]:
    """Walk the code in variables that programs run: `PROMPT_COMMAND`, `PAGER`, prompts."""
    assignments = list(found.assignments)
    if found.program in _DECLARING:
        assignments += filter(None, map(assignment_of, found.reading.operands))
    for assignment in assignments:
        value = assignment.value
        if assignment.name in _PROMPTS:
            yield walker.expansion(value.parts, found, context)
        elif assignment.name in _STARTUP:
            yield _run_feed(walker, walker.codes.feed_of_file(value), found, found.wrappers, context, elsewhere=True)
        elif assignment.name in walker.catalogue.code_variables and value.parts:
            bare = Found(found.words, found.program, found.text, found.span, context, found.reading)
            yield _run_code(walker, joined((value,)), bare, found.wrappers, context, elsewhere=True)


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
        or invocation.program in walker.codes.files
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
        feed = standard_input(walker, found, context)
        if feed is not None:
            yield _run_feed(walker, feed, found, wrappers, context, elsewhere=True)
        return
    if program in walker.codes.files and "/" in (found.words[0].literal or ""):
        written = walker.codes.files[program]
        is_shell = written.text is None or not _SHEBANG.match("".join([p for p in written.text if type(p) is str]))
        yield _run_feed(walker, written, found, wrappers, context, elsewhere=True, is_shell=is_shell)
    if program in state.aliases:
        # Whether this shell looks at aliases is not known: what it would be with and without is noted.
        alias = state.aliases.pop(program)
        parts = alias if alias is not None else (Hole(HoleKind.OTHER, program, splits=True),)
        text = Text((*parts, *requoted(invocation.words[1:])))
        yield _run_code(walker, text, found, found.wrappers, context, elsewhere=False)
        state.aliases[program] = alias
    if not found.is_known:
        return
    if program == "exec" and invocation.is_bare:
        for redirect in found.redirects:
            feed = walker.codes.feed_of((redirect,), redirect.descriptor or 0)
            if feed is not None:
                walker.codes.opened[redirect.descriptor or 0] = feed
    if program in walker.bodies:
        yield walker.call(program, found, standard_input(walker, found, context), context)
    effect = affect(state, program, invocation.reading)
    for word in effect.expanded:
        yield walker.expansion(word.parts, found, context)
    if effect.code:
        _note_origin(walker, found, walker.codes.origin_of_code(effect.code))
        inner = context if effect.is_immediate else context.into("trap")
        yield _run_code(walker, joined(effect.code), found, wrappers, inner, elsewhere=not effect.is_immediate)
        if effect.is_immediate and is_unreadable(found.origin):
            state.forget_all()
    if effect.sourced is not None:
        descriptor = descriptor_of(effect.sourced) if effect.sourced.literal != "-" else None
        if descriptor is None:
            feed = walker.codes.feed_of_file(effect.sourced)
        else:
            feed = walker.codes.feed_of_descriptor(found.redirects, descriptor) or context.feed
            feed = feed or Feed(None, Origin.FILE)
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
    for _, value, role in reading.values:
        # `--rcfile <(..)`: what it reads before all else.
        if role is Role.SCRIPT and spec.kind is Kind.SHELL:
            started = walker.codes.feed_of_file(value)
            yield _run_feed(walker, started, found, wrappers, context, elsewhere=True)
    given = spec.code & reading.options
    if given:
        codes = [value for name, value, _ in reading.values if name in given] or operands[:1]
        for code in codes:
            _note_origin(walker, found, walker.codes.origin_of_code((code,)))
            if spec.kind is Kind.SHELL:
                yield _run_code(walker, joined((code,)), found, wrappers, context, elsewhere=True)
        return
    first = operands[0] if operands else None
    descriptor = None if first is None or "-s" in reading.options else descriptor_of(first)
    if first is not None and descriptor is None and "-s" not in reading.options:
        part = first.parts[0] if first.parts else ""
        if isinstance(part, Hole) and part.kind is not HoleKind.PROCESS and (part.splits or len(operands) > 1):
            # It may be the option that says that code follows.
            _note_origin(walker, found, Origin.UNKNOWN)
            return
        feed: Feed | None = walker.codes.feed_of_file(first)
    elif descriptor:
        feed = walker.codes.feed_of_descriptor(found.redirects, descriptor)
    else:
        feed = standard_input(walker, found, context)
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
        # A file that the script wrote is not looked at again while it runs.
        files = walker.codes.files
        names = [name for name, written in files.items() if written is feed]
        for name in names:
            del files[name]
        yield _run_code(walker, joined((code,)), found, wrappers, context, elsewhere=elsewhere, consumed=True)
        for name in names:
            files.setdefault(name, feed)


def _run_code(
    walker: "Walker",
    code: Text,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
    *,
    elsewhere: bool,
    consumed: bool = False,
) -> Steps[None]:
    """Walk the code that a command runs. `elsewhere` says that it runs in a process of its own, `consumed` that it
    was what redirections put on standard input.
    """
    state = walker.state
    saved = state.snapshot()
    if elsewhere:
        # What is not exported is not seen there; what is, this walk does not tell apart.
        state.variables = {name: value for name, value in saved.items() if name in _ENVIRONMENT}
    for assignment in found.assignments:
        state.assign(assignment.name, None if assignment.append else assignment.value.parts)
    feed = context.feed if consumed else standard_input(walker, found, context)
    inner = Context(code.embedded, context.inside, found.pipes, wrappers, found.span, feed, context.depth + 1)
    yield walker.text(code.text, inner)
    if elsewhere:
        state.variables = saved
    else:
        for assignment in found.assignments:
            state.assign(assignment.name, None)
