"""Code that a command runs, in the shell or in another language: its text where that is known, and its origin."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Wrapper
from security_hooks.model.word import Origin, Word
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text, joined, requoted
from security_hooks.shell.functions import Frame
from security_hooks.shell.inline import read_inline, read_unknown
from security_hooks.shell.origins import is_unreadable
from security_hooks.shell.paths import resolve
from security_hooks.shell.state import BLANKS, Known, Value, Variable
from security_hooks.shell.steps import Steps
from security_hooks.shell.words import word_of
from security_hooks.shell.writes import standard_input

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

SHELL = "shell"
MOST_FILE = 1 << 16
_ENVIRONMENT = ("HOME", "PWD")


class Arguments(NamedTuple):
    """The positional parameters that a shell is given, and `$0`, None where that is not known."""

    values: tuple[Value, ...]
    name: Value | None = None


def note_origin(walker: "Walker", found: Found, origin: Origin) -> None:
    """Note that a command runs code that comes from there; the most doubtful place counts."""
    if origin is not Origin.LITERAL and not (origin is Origin.FILE and is_unreadable(found.origin)):
        found.origin = origin
        walker.dynamic = walker.dynamic or is_unreadable(origin)


def run_feed(
    walker: "Walker",
    feed: Feed,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
    *,
    elsewhere: bool,
    language: str = SHELL,
    arguments: Arguments | None = None,
) -> Steps[None]:
    """Walk the code that a file or standard input holds, if that is known."""
    note_origin(walker, found, feed.origin)
    if feed.text is None:
        return
    code = word_of(feed.text, found.span)
    note_origin(walker, found, walker.codes.origin_of_code((code,)))
    if language != SHELL:
        yield run_inline(walker, language, code.parts, found, wrappers, context)
        return
    # A file that the script wrote is not looked at again while it runs.
    files = walker.codes.files
    names = [name for name, written in files.items() if written is feed]
    for name in names:
        del files[name]
    yield run_code(
        walker, joined((code,)), found, wrappers, context, elsewhere=elsewhere, consumed=True, arguments=arguments
    )
    for name in names:
        files.setdefault(name, feed)


def run_code(
    walker: "Walker",
    code: Text,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
    *,
    elsewhere: bool,
    consumed: bool = False,
    arguments: Arguments | None = None,
) -> Steps[None]:
    """Walk the code that a command runs. `elsewhere` says that it runs in a process of its own, `consumed` that it
    was what redirections put on standard input. `arguments` are those of a shell that inherits the environment.
    """
    state = walker.state
    saved = state.snapshot()
    if elsewhere:
        state.restore(_child(saved, inherits=arguments is not None and len(found.wrappers) == len(context.wrappers)))
        walker.frames.append(Frame(is_function=False, is_process=True))
        if arguments is not None:
            state.known.arguments = arguments.values
            if arguments.name is not None:
                state.known.variables["0"] = arguments.name
    for assignment in found.assignments:
        state.assign(assignment.name, None if assignment.append else assignment.value.parts)
    feed = context.feed if consumed else standard_input(walker, found, context)
    inner = Context(code.embedded, context.inside, found.pipes, wrappers, found.span, feed, context.depth + 1)
    yield walker.text(code.text, inner)
    if elsewhere:
        walker.frames.pop()
        state.restore(saved)
    else:
        for assignment in found.assignments:
            state.assign(assignment.name, None)


def _child(known: Known, *, inherits: bool) -> Known:
    """What a process that the shell starts knows of its variables: if it `inherits` them, those that are exported."""
    names = {*_ENVIRONMENT, *known.exported} if inherits else _ENVIRONMENT
    variables: dict[str, Variable] = {
        name: value for name in names if type(value := known.variables.get(name)) is tuple
    }
    variables["IFS"] = BLANKS
    return Known(variables, exported=known.exported if inherits else frozenset(), places=known.places)


def run_inline(
    walker: "Walker",
    language: str,
    code: Value,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
) -> Steps[None]:
    """Note what code of another language does, and walk the shell texts and programs that it starts."""
    if context.depth >= walker.budget.limits.depth:
        walker.budget.over = True
        return
    inline = read_inline(language, code, walker.budget, walker.state.home)
    if inline is None:
        inline = read_unknown(language, code, walker.budget)
    first = len(found.raw)
    found.raw += inline.effects
    found.flows += [(first + source, first + sink) for source, sink in inline.flows]
    if inline.opaque is not None:
        note_origin(walker, found, inline.opaque)
    walker.budget.over = walker.budget.over or inline.over_budget
    # What the code starts reads what the code writes to it: of what comes from elsewhere, that.
    connects = any(effect.kind is EffectKind.CONNECTS for effect in inline.effects)
    context = replace(context, feed=Feed(None, Origin.NETWORK if connects else Origin.UNKNOWN))
    for text in inline.shell:
        yield run_code(walker, Text(text), found, wrappers, context, elsewhere=True)
    for argv in inline.argvs:
        words = [word_of(value, found.span) for value in argv]
        yield run_code(walker, Text(requoted(words)), found, wrappers, context, elsewhere=True)


def input_to_run(walker: "Walker", found: Found, context: Context) -> Feed | None:
    """What comes in on standard input where it is run: a file named there is read."""
    feed = standard_input(walker, found, context)
    if feed is None or feed.text is not None or feed.origin is not Origin.FILE:
        return feed
    files = [redirect.target for redirect in found.redirects if redirect.operator == "<" and not redirect.descriptor]
    return feed_of_file(walker, files[-1], found.cwd) if files else feed


def feed_of_file(walker: "Walker", word: Word, cwd: Value | None) -> Feed:
    """What a file holds that is run: as the script wrote it, or as it stands in the world."""
    feed = walker.codes.feed_of_file(word)
    if feed.text is not None or feed.origin is not Origin.FILE:
        return feed
    path = resolve(word.parts, cwd).literal if word.parts else None
    content = walker.codes.world.read(path, MOST_FILE) if path is not None else None
    if content is None or b"\0" in content:
        return feed
    return Feed((content.decode(errors="replace"),), Origin.FILE)
