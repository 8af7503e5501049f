"""Where interpreters find their code: in an option, an operand, a file, or on standard input."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import CommandSpec, Kind
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.shell import Wrapper
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.shell.code import (
    SHELL,
    Arguments,
    feed_of_file,
    feed_of_script,
    input_to_run,
    note_origin,
    run_code,
    run_feed,
    run_inline,
)
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.embed import Text, joined
from security_hooks.shell.fetched import as_fetched
from security_hooks.shell.functions import arguments_of
from security_hooks.shell.inline import language_of_shebang
from security_hooks.shell.origins import descriptor_of, is_unreadable
from security_hooks.shell.state import ANY, splits
from security_hooks.shell.steps import Steps

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker


# Modules that run what they read.
_CONSOLES = frozenset(("code", "asyncio", "IPython", "ptpython", "bpython", "idlelib", "pdb"))
_CODE, _SCRIPT, _SHELL_TEXT = Role.CODE, Role.SCRIPT, Role.SHELL


def run_interpreter(
    walker: "Walker", spec: CommandSpec, found: Found, wrappers: tuple[Wrapper, ...], context: Context
) -> Steps[None]:
    """Find the code that a shell or another interpreter is given: by option, by file, or on standard input."""
    reading = found.reading
    operands = reading.operands
    if not spec.modules.isdisjoint(reading.options):
        # `python -m timeit CODE`; `python -m json.tool` reads data, and no code.
        module = reading.value_of(spec.modules)
        is_console = module is None or module.literal is None or module.literal in _CONSOLES
        yield run_arguments(walker, spec, found, wrappers, context, has_input=is_console)
        return
    if found.meaning.action is Action.TEXT:
        # `--version`: it prints that, whatever else it is given.
        return
    for _, value, role in reading.values:
        # `--rcfile <(..)`: what it reads before all else.
        if role is _SCRIPT and spec.kind is Kind.SHELL:
            started = feed_of_file(walker, value, found.cwd)
            yield run_feed(walker, started, found, wrappers, context, elsewhere=True)
    given = spec.code & reading.options
    if given:
        codes = [value for name, value, _ in reading.values if name in given] or operands[:1]
        for code in codes:
            note_origin(walker, found, walker.codes.origin_of_code((code,)))
            if spec.kind is Kind.SHELL:
                arguments = _arguments(operands, code)
                yield run_code(walker, joined((code,)), found, wrappers, context, elsewhere=True, arguments=arguments)
            else:
                yield run_inline(walker, spec.language, code.parts, found, wrappers, context)
        return
    first = operands[0] if operands else None
    if first is not None and _is_only_read(found, first):
        return
    descriptor = None if first is None or "-s" in reading.options else descriptor_of(first)
    if first is not None and descriptor is None and "-s" not in reading.options:
        part = first.parts[0] if first.parts else ""
        if isinstance(part, Hole) and part.kind is not HoleKind.PROCESS and (part.splits or len(operands) > 1):
            # It may be the option that says that code follows.
            note_origin(walker, found, Origin.UNKNOWN)
            return
        feed: Feed | None = _feed_to_run(walker, first, found)
    elif descriptor:
        feed = walker.codes.feed_of_descriptor(found.redirects, descriptor)
    else:
        feed = input_to_run(walker, found, context)
    if feed is not None:
        given_to = Arguments(arguments_of([word.parts for word in operands[0 if "-s" in reading.options else 1 :]]))
        yield run_feed(
            walker, feed, found, wrappers, context, elsewhere=True, language=_language(spec), arguments=given_to
        )


def _feed_to_run(walker: "Walker", word: Word, found: Found) -> Feed:
    """What a file holds that the command runs."""
    return as_fetched(walker, word, found.cwd, feed_of_file(walker, word, found.cwd))


def _is_only_read(found: Found, operand: Word) -> bool:
    """Whether the options say that this file is checked and not run (`bash -n`), whatever its holes stand for."""
    reading = found.reading
    if not reading.known and (len(reading.operands) > 1 or splits(operand.parts)):
        return False
    if any(str(part).startswith("+") for word in found.words for part in word.parts[:1]):
        # `+n` takes `-n` back.
        return False
    return any(each.word is operand and each.role is Role.READ for each in found.meaning.arguments)


def _arguments(operands: Sequence[Word], code: Word) -> Arguments:
    """`sh -c CODE NAME ARGUMENTS`: what stands behind the code."""
    rest = operands[1:] if operands and operands[0] is code else operands
    name = rest[0].parts if rest and not splits(rest[0].parts) else None
    values = arguments_of([word.parts for word in rest[1:]]) if not rest or name is not None else ANY
    return Arguments(values, name)


def run_arguments(
    walker: "Walker",
    spec: CommandSpec,
    found: Found,
    wrappers: tuple[Wrapper, ...],
    context: Context,
    *,
    has_input: bool = True,
) -> Steps[None]:
    """Find the code that a program is given among its arguments: in its own language (`awk`, `sed`, `psql`), or shell
    text that it keeps or runs. `has_input`: what it reads from standard input may be code, too.
    """
    is_given = False
    for argument in found.meaning.arguments:
        role, word = argument.role, argument.word
        if role is _CODE:
            is_given = True
            yield run_inline(walker, spec.language, word.parts, found, wrappers, context)
        elif role is _SCRIPT and spec.builds is None:
            is_given = True
            feed = feed_of_script(walker, word, found, found.cwd, context)
            if is_unreadable(feed.origin):
                note_origin(walker, found, feed.origin)
            if feed.text is not None:
                yield run_inline(walker, spec.language, feed.text, found, wrappers, context)
        elif role is _SHELL_TEXT and any(word is operand for operand in found.reading.operands):
            # A leading `!` only says that it is shell text: `git config alias.x '!code'`.
            first = word.parts[0] if word.parts else ""
            parts = (first[1:], *word.parts[1:]) if isinstance(first, str) and first[:1] == "!" else word.parts
            yield run_code(walker, Text(parts), found, wrappers, context, elsewhere=True)
    if not is_given and has_input and spec.stdin is _CODE:
        given = input_to_run(walker, found, context)
        if given is not None:
            yield run_feed(walker, given, found, wrappers, context, elsewhere=True, language=spec.language)


def run_file(walker: "Walker", found: Found, wrappers: tuple[Wrapper, ...], context: Context) -> Steps[None]:
    """Walk the script that a command names by its path, in the language that its first line says."""
    feed = _feed_to_run(walker, found.words[0], found)
    text = feed.text
    if text is None:
        # A program that could not be read is a program; a file that the script made is from where it made it.
        if feed.origin is not Origin.FILE:
            note_origin(walker, found, feed.origin)
        return
    line = (text[0] if text and isinstance(text[0], str) else "").partition("\n")[0]
    language = (language_of_shebang(line) if line.startswith("#!") else SHELL) or ""
    # What it does is judged: nobody need know its name as well.
    found.is_read = bool(language)
    given = Arguments(arguments_of([word.parts for word in found.words[1:]]), found.words[0].parts)
    yield run_feed(walker, feed, found, wrappers, context, elsewhere=True, language=language, arguments=given)


def _language(spec: CommandSpec) -> str:
    return SHELL if spec.kind is Kind.SHELL else spec.language
