"""What running one program means for the walk: code that it runs, and what a builtin does to the shell itself."""

from typing import TYPE_CHECKING

import msgspec

from security_hooks.catalogue.entry import CommandSpec, Kind
from security_hooks.model.shell import Redirect, Wrapper
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.model.world import Entry
from security_hooks.shell.builds import run_build
from security_hooks.shell.code import feed_of_file, note_origin, run_code, run_feed
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text, joined, requoted
from security_hooks.shell.functions import LEAVING, arguments_of, call, leave
from security_hooks.shell.internal import Call, affect
from security_hooks.shell.interpreter import run_arguments, run_file, run_interpreter
from security_hooks.shell.links import renamed
from security_hooks.shell.origins import descriptor_of, is_unreadable
from security_hooks.shell.state import ANY, Known, State, literal, splits
from security_hooks.shell.steps import Steps
from security_hooks.shell.traps import remember
from security_hooks.shell.unwrap import Invocation, wrapper_of
from security_hooks.shell.writes import standard_input

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_IN_SHELL = ("command", "builtin", "time")
_SHELL, _INTERPRETER = Kind.SHELL, Kind.INTERPRETER


def does_more(walker: "Walker", invocation: Invocation, found: Found) -> bool:
    """Whether the program runs code, or is the shell's own and changes it."""
    spec = invocation.reading.spec
    return bool(
        invocation.codes
        or found.is_known
        or invocation.program is None
        or (
            spec is not None
            and (
                spec.kind is _SHELL
                or spec.kind is _INTERPRETER
                or spec.language
                or spec.shells
                or spec.builds is not None
                or (spec.wraps is not None and starts_shell(spec, invocation))
            )
        )
        or invocation.program in walker.state.aliases
        or walker.codes.programs
        or "/" in (found.words[0].literal or "")
    )


def starts_shell(spec: CommandSpec, invocation: Invocation) -> bool:
    """Whether this wrapper was given nothing to run and so starts a shell: `ssh host`, `su`."""
    wraps = spec.wraps
    return wraps is not None and wraps.shell and invocation.is_bare


def run_invocation(
    walker: "Walker", invocation: Invocation, found: Found, context: Context, arrays: tuple[str, ...] = ()
) -> Steps[None]:
    """Walk the code that this program runs, and do to the shell's state what a builtin does."""
    program, state = invocation.program, walker.state
    spec = invocation.reading.spec
    wrapper = wrapper_of(program, invocation.words, invocation.reading, found.cwd, found.wrappers)
    wrappers = (*found.wrappers, wrapper)
    inner = context
    if spec is not None and spec.wraps is not None and spec.wraps.connected:
        inner = msgspec.structs.replace(context, feed=Feed(None, Origin.NETWORK))
    for code in invocation.codes:
        note_origin(walker, found, walker.codes.origin_of_code(code))
        yield run_code(walker, joined(code), found, wrappers, inner, elsewhere=True)
    if program is None:
        if _may_be_builtin(found, state):
            state.forget_all()
        return
    if spec is not None and (spec.kind is _SHELL or spec.kind is _INTERPRETER):
        yield run_interpreter(walker, spec, found, wrappers, context)
        return
    if spec is not None and starts_shell(spec, invocation):
        feed = standard_input(walker, found, context)
        if feed is not None:
            yield run_feed(walker, feed, found, wrappers, context, elsewhere=True)
        return
    if "/" in (found.words[0].literal or ""):
        # A script is no wrapper that anybody would know by its name.
        yield run_file(walker, found, found.wrappers, context)
    if spec is not None and spec.builds is not None:
        yield run_build(walker, spec, found, wrappers, context)
    if spec is not None and (spec.language or spec.shells):
        yield run_arguments(walker, spec, found, wrappers, inner)
    meant = renamed(walker, found) if walker.codes.programs else None
    if meant is not None:
        # What stands behind the name is judged: nobody need know the name as well.
        found.is_read = True
        yield run_code(walker, Text(requoted(meant)), found, found.wrappers, context, elsewhere=True)
    aliased: Known | None = None
    if program in state.aliases:
        # Whether this shell looks at aliases is not known: what it would be with and without is noted.
        before = state.snapshot()
        alias = state.aliases.pop(program)
        parts = alias if alias is not None else (Hole(HoleKind.OTHER, program, splits=True),)
        text = Text((*parts, *requoted(invocation.words[1:])))
        yield run_code(walker, text, found, found.wrappers, context, elsewhere=False)
        state.aliases[program] = alias
        aliased = state.known
        state.restore(before)
    if found.is_known:
        own = [wrapper.program for wrapper in found.wrappers[len(context.wrappers) :]]
        is_sure = all(name in _IN_SHELL for name in own) and not any(map(_may_fail, found.redirects))
        unchanged = None if is_sure else state.snapshot()
        yield from _run_builtin(walker, program, invocation, found, context, arrays, is_bare=own in ([], ["time"]))
        if unchanged is not None:
            state.join(unchanged)
    if aliased is not None:
        state.join(aliased)


def _run_builtin(
    walker: "Walker",
    program: str,
    invocation: Invocation,
    found: Found,
    context: Context,
    arrays: tuple[str, ...],
    *,
    is_bare: bool,
) -> Steps[None]:
    """What a function or a builtin does; a function only where it is called by its `is_bare` name."""
    state = walker.state
    wrappers = (*found.wrappers, Wrapper(program, invocation.words))
    called: Known | None = None
    # A function's name may have slashes.
    name = found.words[0].literal or program
    if is_bare and name in walker.bodies:
        before = state.snapshot()
        is_sure = yield call(walker, name, found, standard_input(walker, found, context), context)
        if is_sure:
            return
        called = state.known
        state.restore(before)
    if program in LEAVING:
        leave(walker, program, found)
    if program == "exec" and invocation.is_bare:
        for redirect in found.redirects:
            feed = walker.codes.feed_of((redirect,), redirect.descriptor or 0)
            if feed is not None:
                walker.codes.opened[redirect.descriptor or 0] = feed
    builtin = Call(
        program,
        found.words,
        invocation.reading,
        found.assignments,
        arrays,
        _standard_text(walker, found),
        lambda path: walker.codes.world.kind(path) is Entry.DIRECTORY,
    )
    effect = affect(state, builtin)
    for word in effect.expanded:
        yield walker.expansion(word.parts, found, context)
    if effect.code:
        note_origin(walker, found, walker.codes.origin_of_code(effect.code))
        if effect.is_immediate:
            yield run_code(walker, joined(effect.code), found, wrappers, context, elsewhere=False)
            if is_unreadable(found.origin):
                state.forget_all()
        else:
            yield remember(walker, joined(effect.code), found, wrappers, context)
    if effect.sourced is not None:
        yield _source(walker, effect.sourced, found, wrappers, context)
    if called is not None:
        state.join(called)


def _may_be_builtin(found: Found, state: State) -> bool:
    """Whether a program that is not known may be a builtin or a function, which assign: no path names a builtin."""
    parts = found.words[0].parts if found.words else ()
    is_path = any(type(part) is str and "/" in part for part in parts) and not splits(parts)
    return not is_path or any("/" in name for name in state.functions)


def _source(
    walker: "Walker", sourced: Word, found: Found, wrappers: tuple[Wrapper, ...], context: Context
) -> Steps[None]:
    state = walker.state
    descriptor = descriptor_of(sourced) if sourced.literal != "-" else None
    if descriptor is None:
        feed = feed_of_file(walker, sourced, found.cwd)
    else:
        open_feed = walker.codes.feed_of_descriptor(found.redirects, descriptor) or context.feed
        feed = open_feed or Feed(None, Origin.FILE)
    arguments = state.known.arguments
    given = found.words[2:]
    if given:
        state.known.arguments = arguments_of([word.parts for word in given])
    yield run_feed(walker, feed, found, wrappers, context, elsewhere=False)
    if feed.text is None:
        state.forget_all()
    elif given or state.known.arguments != arguments:
        state.known.arguments = ANY


def _standard_text(walker: "Walker", found: Found) -> str | None:
    """The text that a builtin's own redirections put on its standard input; None where that is not known."""
    redirect = next((r for r in reversed(found.redirects) if r.descriptor in (None, 0) and r.operator[0] == "<"), None)
    if redirect is None:
        return None
    if redirect.operator == "<<<":
        return None if redirect.target.literal is None else redirect.target.literal + "\n"
    if redirect.operator in ("<<", "<<-"):
        return redirect.target.literal
    first = redirect.target.parts[0] if redirect.target.parts else ""
    if isinstance(first, Hole) and first.kind is HoleKind.PROCESS and len(redirect.target.parts) == 1:
        return literal(walker.codes.feed_of_file(redirect.target).text)
    return None


def _may_fail(redirect: Redirect) -> bool:
    parts = redirect.target.parts
    if redirect.operator in ("<<", "<<-", "<<<") or redirect.target.literal in ("/dev/null", "1", "2"):
        return False
    return not (len(parts) == 1 and isinstance(parts[0], Hole) and parts[0].kind is HoleKind.PROCESS)
