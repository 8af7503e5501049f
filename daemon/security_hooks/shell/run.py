"""One simple command: its words expanded, its wrappers peeled, what it does to the shell itself, the code it runs."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from security_hooks.catalogue.entry import CommandSpec
from security_hooks.catalogue.schema import ALWAYS
from security_hooks.model.shell import Assignment, PipePosition, Redirect
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.shell.assignments import assign, declare_lists
from security_hooks.shell.code import feed_of_file, run_code, run_feed
from security_hooks.shell.context import Context, Feed, Found, Output, Several
from security_hooks.shell.embed import joined, shown
from security_hooks.shell.invocation import does_more, run_invocation
from security_hooks.shell.options import Reading
from security_hooks.shell.origins import descriptor_of
from security_hooks.shell.printed import Printed
from security_hooks.shell.spelling import is_hidden_option, is_hidden_program
from security_hooks.shell.state import Value
from security_hooks.shell.steps import Steps
from security_hooks.shell.substitutions import Results
from security_hooks.shell.syntax import HereDoc, RawRedirect, RawWord, Simple
from security_hooks.shell.unwrap import Invocation, assignment_of, peel
from security_hooks.shell.words import expand, expand_value, word_of
from security_hooks.shell.writes import note_files, standard_input

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_DECLARING = frozenset(("declare", "typeset", "local", "export", "readonly", "alias"))
_NAMED = re.compile(r"[A-Za-z_][\w.-]*\+?=")
_MOST_GIVEN = 4096
_PROMPTS = ("PS0", "PS1", "PS2", "PS4")
_STARTUP = ("BASH_ENV", "ENV")

# The words that came of raw ones, by their ids; and whether each is one of several.
Spelled = dict[int, tuple[RawWord, bool]]


def run_simple(walker: "Walker", node: Simple, context: Context) -> Steps[Output]:
    """Note the command, and all that it runs; what prints what the command prints."""
    if not walker.budget.follow():
        return None
    results: Results = {}
    links: list[int] = []
    state = walker.state
    state.settle()
    words: tuple[Word, ...]
    spelled: Spelled = {}
    if node.literal:
        words = node.words  # type: ignore[assignment]  # as the reader says
    else:
        expanded: list[Word] = []
        for raw in node.words:
            if isinstance(raw, Word):
                expanded.append(raw)
                continue
            if raw.nested:
                links += yield walker.resolve((raw,), context, results)
            _expand_word(walker, raw, results, expanded, spelled)
        words = tuple(expanded)
    walker.budget.spend(len(words))
    assignments: tuple[Assignment, ...] = ()
    if node.assignments:
        assignments = yield assign(walker, node, context, results, links, is_prefix=bool(words))
    if node.nested and node.redirects:
        links += yield walker.resolve([redirect.target for redirect in node.redirects], context, results)
    redirects = tuple([_redirect(raw, walker, results) for raw in node.redirects]) if node.redirects else ()
    if links:
        positions = tuple(PipePosition(abs(number), 0 if number > 0 else 1) for number in links)
        context = msgspec.structs.replace(context, pipes=context.pipes + positions)
    text = shown(node.text, context.embedded) if context.embedded else node.text
    span = context.span or (node.start, node.end)
    if not words:
        found = Found(
            (), "", text, span, Reading(None), context.inside, context.pipes, context.wrappers, redirects, assignments,
            state.cwd, is_known=True, links=walker.codes.links,
        )  # fmt: skip
        walker.found.append(found)
        if not node.nested:
            state.known.succeeds = True
        if assignments:
            yield from _run_variables(walker, found, context)
        return found
    lists = [raw for raw in node.assignments if raw.elements is not None] if assignments else []
    arrays = tuple([raw.name for raw in lists]) if lists else ()
    noted = _note(walker, words, spelled, assignments, redirects, text, span, context)
    for invocation, found in noted:
        if does_more(walker, invocation, found):
            yield from run_invocation(walker, invocation, found, context, arrays)
        wrapping = invocation.reading.spec.wraps if invocation.reading.spec is not None else None
        if wrapping is not None and wrapping.connected:
            # What it runs reads what the other side sends.
            context = msgspec.structs.replace(context, feed=Feed(None, Origin.NETWORK))
        if (found.assignments or found.program in _DECLARING) and invocation is noted[-1][0]:
            yield from _run_variables(walker, found, context)
    if lists:
        yield declare_lists(walker, lists, noted[-1][1].reading, context, results)
    note_files(walker, noted[-1][1], context)
    return noted[0][1] if len(noted) == 1 else Several(tuple([found for _, found in noted[1:]]), sure=False)


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
            bare = Found(
                found.words, found.program, found.text, found.span, found.reading, context.inside, context.pipes,
                context.wrappers,
            )  # fmt: skip
            yield run_code(walker, joined((value,)), bare, found.wrappers, context, elsewhere=True)


def _redirect(raw: RawRedirect, walker: "Walker", results: Results) -> Redirect:
    target = raw.target.body if isinstance(raw.target, HereDoc) else raw.target
    return Redirect(raw.operator, raw.descriptor, expand_value(target, walker.state, results))


def _expand_word(walker: "Walker", raw: RawWord, results: Results, words: list[Word], spelled: Spelled) -> None:
    """Add the words that this one becomes, and how those that are known were spelled."""
    if words and words[0].literal in _DECLARING and _NAMED.match(raw.source):
        expanded = [expand_value(raw, walker.state, results)]
    else:
        expanded = expand(raw, walker.state, results)
    for word in expanded:
        if word.literal is not None:
            spelled[id(word)] = (raw, len(expanded) > 1)
    words.extend(expanded)


def _is_odd(words: Sequence[Word], spelled: Spelled) -> bool:
    """Whether the spelling of the program or of an option hides it."""
    for number, word in enumerate(words):
        is_option = (word.literal or "").startswith("-")
        if (number and not is_option) or id(word) not in spelled:
            continue
        raw, is_split = spelled[id(word)]
        if is_hidden_option(raw) if is_option else is_hidden_program(raw) or (is_split and len(raw.pieces) > 1):
            return True
    return False


def _given(walker: "Walker", redirects: tuple[Redirect, ...], context: Context) -> Value | None:
    """The text that comes in on standard input, where it is known and short."""
    feed = walker.codes.feed_of(redirects) if redirects else None
    feed = feed or context.feed
    value = feed.text if feed is not None else None
    if value is None or sum([len(part) if type(part) is str else 1 for part in value]) > _MOST_GIVEN:
        return None
    return value


def _listed(walker: "Walker", found: Found, spec: CommandSpec, context: Context) -> tuple[Word, ...]:
    """The operands that stand in a file or on standard input: any number where that is not known."""
    reading = found.reading
    if ALWAYS not in spec.listed and spec.listed.isdisjoint(reading.options):
        return ()
    word = reading.value_of(spec.listed)
    if word is None or word.literal == "-" or descriptor_of(word) == 0:
        feed = standard_input(walker, found, context)
    else:
        feed = feed_of_file(walker, word, found.cwd)
    text = feed.text if feed is not None else None
    if text is None:
        return (Word((Hole(HoleKind.OTHER, "<names>", splits=True),), found.span, None),)
    lines: list[list[str | Hole]] = [[]]
    for part in text:
        pieces: list[str | Hole] = []
        pieces += [part] if isinstance(part, Hole) else part.replace("\0", "\n").split("\n")
        for number, piece in enumerate(pieces):
            if number:
                lines.append([])
            if piece:
                lines[-1].append(piece)
    names = [line for line in lines if line]
    if not walker.budget.spend(len(names)):
        return ()
    return tuple([word_of(line, found.span) for line in names])


def _note(
    walker: "Walker",
    words: tuple[Word, ...],
    spelled: Spelled,
    assignments: tuple[Assignment, ...],
    redirects: tuple[Redirect, ...],
    text: str,
    span: tuple[int, int],
    context: Context,
) -> list[tuple[Invocation, Found]]:
    """Note each program that these words run, and give it back with what was noted."""
    noted: list[tuple[Invocation, Found]] = []
    builtins, functions = walker.catalogue.builtins, walker.state.functions
    given = _given(walker, redirects, context) if redirects or context.feed is not None else None
    for invocation in peel(words, walker.catalogue, walker.budget, given, walker.state.cwd, context.wrappers):
        # A function or builtin is called by its bare name.
        name = invocation.words[0].literal
        found = Found(
            invocation.words,
            invocation.program,
            text,
            span,
            invocation.reading,
            context.inside,
            context.pipes,
            context.wrappers + invocation.wrappers,
            redirects,
            assignments + invocation.assignments,
            invocation.cwd,
            is_known=name is not None and (name in builtins or name in functions),
            links=walker.codes.links,
            remotes=walker.codes.remotes,
        )
        if spelled:
            found.odd = _is_odd(invocation.words, spelled)
        if context.feed is not None and context.feed.text is not None:
            # Others in the same construct may read of it as well.
            found.given = Printed(context.feed.text, sure=False)
        spec = invocation.reading.spec
        if spec is not None and spec.listed:
            invocation.reading.listed = _listed(walker, found, spec, context)
        # The redirections of a wrapper that runs a text are its own.
        if invocation.emitted or (redirects and invocation.codes):
            walker.found.append(found)
        noted.append((invocation, found))
    return noted
