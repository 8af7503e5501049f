"""One simple command: its words expanded, its wrappers peeled, what it does to the shell itself, the code it runs."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from security_hooks.model.shell import Assignment, PipePosition, Redirect
from security_hooks.model.word import Word
from security_hooks.shell.assignments import assign, declare_lists
from security_hooks.shell.code import feed_of_file, run_code, run_feed
from security_hooks.shell.context import Context, Found
from security_hooks.shell.embed import joined, shown
from security_hooks.shell.invocation import does_more, run_invocation
from security_hooks.shell.options import Reading
from security_hooks.shell.paths import resolve
from security_hooks.shell.spelling import is_hidden_option, is_hidden_program
from security_hooks.shell.state import Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results
from security_hooks.shell.syntax import AnyWord, HereDoc, RawRedirect, RawWord, Simple
from security_hooks.shell.unwrap import Invocation, assignment_of, peel
from security_hooks.shell.words import expand, expand_value
from security_hooks.shell.writes import note_files

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly", "alias"))
_NAMED = re.compile(r"[A-Za-z_][\w.-]*\+?=")
_MOST_GIVEN = 4096
_PROMPTS = ("PS0", "PS1", "PS2", "PS4")
_STARTUP = ("BASH_ENV", "ENV")


def run_simple(walker: "Walker", node: Simple, context: Context) -> Steps[Found | None]:
    """Note the command, and all that it runs; the finding that prints what the command prints."""
    if not walker.budget.follow():
        return None
    results: Results = {}
    links: list[int] = []
    state = walker.state
    state.settle()
    words: list[Word] = []
    odd: set[int] = set()
    for raw in node.words:
        if node.nested and type(raw) is RawWord and raw.nested:
            links += yield walker.resolve((raw,), context, results)
        _expand_word(walker, raw, results, words, odd)
    walker.budget.spend(len(words))
    assignments: tuple[Assignment, ...] = ()
    if node.assignments:
        assignments = yield assign(walker, node, context, results, links, is_prefix=bool(words))
    if node.nested and node.redirects:
        links += yield walker.resolve([redirect.target for redirect in node.redirects], context, results)
    redirects = tuple([_redirect(raw, walker, results) for raw in node.redirects])
    if links:
        positions = tuple(PipePosition(abs(number), 0 if number > 0 else 1) for number in links)
        context = replace(context, pipes=context.pipes + positions)
    text = shown(node.text, context.embedded)
    span = context.span or (node.start, node.end)
    if not words:
        found = Found((), "", text, span, context, Reading(None))
        found.cwd = state.cwd
        found.links = walker.codes.links
        found.is_known = True
        found.assignments, found.redirects = assignments, redirects
        walker.found.append(found)
        if not node.nested:
            state.known.succeeds = True
        yield _run_variables(walker, found, context)
        return found
    lists = [raw for raw in node.assignments if raw.elements is not None]
    arrays = tuple([raw.name for raw in lists])
    noted = _note(walker, tuple(words), odd, assignments, redirects, text, span, context)
    for invocation, found in noted:
        if does_more(walker, invocation, found):
            yield run_invocation(walker, invocation, found, context, arrays)
        if invocation is noted[-1][0] and (found.assignments or found.program in _DECLARING):
            yield _run_variables(walker, found, context)
    if lists:
        yield declare_lists(walker, lists, noted[-1][1].reading, context, results)
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
            yield run_feed(
                walker, feed_of_file(walker, value, found.cwd), found, found.wrappers, context, elsewhere=True
            )
        elif assignment.name in walker.catalogue.code_variables and value.parts:
            bare = Found(found.words, found.program, found.text, found.span, context, found.reading)
            yield run_code(walker, joined((value,)), bare, found.wrappers, context, elsewhere=True)


def _redirect(raw: RawRedirect, walker: "Walker", results: Results) -> Redirect:
    target = raw.target.body if isinstance(raw.target, HereDoc) else raw.target
    return Redirect(raw.operator, raw.descriptor, expand_value(target, walker.state, results))


def _expand_word(walker: "Walker", raw: AnyWord, results: Results, words: list[Word], odd: set[int]) -> None:
    """Add the words that this one becomes, and the ids of those whose spelling hides them."""
    if isinstance(raw, Word):
        words.append(raw)
        return
    if words and words[0].literal in _DECLARING and _NAMED.match(raw.source):
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


def _given(walker: "Walker", redirects: tuple[Redirect, ...], context: Context) -> Value | None:
    """The text that comes in on standard input, where it is known and short."""
    feed = walker.codes.feed_of(redirects) if redirects else None
    feed = feed or context.feed
    value = feed.text if feed is not None else None
    if value is None or sum([len(part) if type(part) is str else 1 for part in value]) > _MOST_GIVEN:
        return None
    return value


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
    for invocation in peel(words, walker.catalogue, walker.budget, _given(walker, redirects, context)):
        found = Found(invocation.words, invocation.program, text, span, context, invocation.reading)
        if invocation.wrappers:
            found.wrappers = context.wrappers + invocation.wrappers
        found.assignments = assignments + invocation.assignments if invocation.assignments else assignments
        found.redirects = redirects
        found.cwd = walker.state.cwd
        found.links = walker.codes.links
        for moved in invocation.moves:
            found.cwd = resolve(moved.parts, found.cwd).parts if moved.parts else found.cwd
        # A function or builtin is called by its bare name.
        name = invocation.words[0].literal
        found.is_known = name is not None and (name in builtins or name in functions)
        if odd:
            found.odd = any(
                id(word) in odd and (number == 0 or (word.literal or "").startswith("-"))
                for number, word in enumerate(invocation.words)
            )
        # The redirections of a wrapper that runs a text are its own.
        if invocation.emitted or (redirects and invocation.codes):
            walker.found.append(found)
        noted.append((invocation, found))
    return noted
