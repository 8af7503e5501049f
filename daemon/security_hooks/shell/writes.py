"""What a script writes into files that it may run later, and what its commands read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import Kind
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.shell import Redirect
from security_hooks.model.word import Origin, Word
from security_hooks.shell.context import Context, Feed, Found, Output
from security_hooks.shell.copying import saved_names
from security_hooks.shell.fetched import note_fetched_directory
from security_hooks.shell.links import note_links, note_remote
from security_hooks.shell.origins import file_name, is_unreadable
from security_hooks.shell.outputs import BUILTINS, output_of
from security_hooks.shell.printed import Printed, text_of
from security_hooks.shell.printing import printed_by
from security_hooks.shell.state import Value

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_FETCHER, _WRITE = Kind.FETCHER, Role.WRITE
_OUTPUTS = (">", ">|", ">>", "&>", "&>>", ">&")
_DOCUMENTS = ("<<", "<<-", "<<<")
_COPYING = ("cp", "mv", "ln", "install")
_ON_FILES = (Action.FILESYSTEM_READ, Action.FILESYSTEM_WRITE, Action.TEXT)
_MOST_WRITERS = 256
_LONGEST_KEPT = 16_384


def standard_input(walker: "Walker", found: Found, context: Context) -> Feed | None:
    """What this command reads on standard input; None if that is what the whole script reads."""
    return walker.codes.feed_of(found.redirects) or context.feed or walker.codes.opened.get(0)


def note_files(walker: "Walker", found: Found, context: Context) -> None:
    """Note what this command writes into files, where that is known or comes from elsewhere."""
    if found.program in _COPYING:
        note_links(walker, found)
        if walker.codes.files:
            _note_copies(walker, found)
        return
    if found.program == "git" and found.reading.subcommands[:1] == ["remote"]:
        note_remote(walker, found)
    note_fetched_directory(walker, found)
    targets = _targets(found)
    if not targets and walker.codes.files and found.reading.spec is not None:
        targets = _made(found)
    if not targets:
        return
    feed = standard_input(walker, found, context)
    written = _written(walker, found, feed, context) or _derived(walker, found, feed)
    if written is not None:
        found.written = _literal(written)
        for target in targets:
            walker.codes.write(target, written)


def note_group(
    walker: "Walker", redirects: Sequence[Redirect], members: Sequence[Found], output: Output, context: Context
) -> None:
    """Note what the members of a construct write into the files that it as a whole is redirected to: what
    they print together (`output`) where that is known, else what each of them does.
    """
    targets = _redirected_to(redirects)
    if not targets:
        return
    origin = walker.codes.origin_of_output(members, walker.catalogue)
    text = text_of(printed_by(walker, output, context))
    if text is not None and origin not in (Origin.NETWORK, Origin.DECODED):
        for target in targets:
            walker.codes.write(target, Feed(text, Origin.LITERAL))
        return
    for member in members[:_MOST_WRITERS]:
        written = None if _redirected_to(member.redirects) else _written(walker, member, None, context)
        if written is not None and written.text != ():
            for target in targets:
                walker.codes.write(target, written)


def _literal(feed: Feed) -> str | None:
    """What is written, where that is known whole and no longer than a script that is worth reading."""
    if feed.text is None or feed.origin is not Origin.LITERAL:
        return None
    parts = [part for part in feed.text if isinstance(part, str)]
    is_whole = len(parts) == len(feed.text) and sum(map(len, parts)) <= _LONGEST_KEPT
    return "".join(parts) if is_whole else None


def _written(walker: "Walker", found: Found, feed: Feed | None, context: Context) -> Feed | None:
    """What a command prints, given what it reads; None where nothing is known of it."""
    text: Value | None = None
    if found.program not in walker.state.functions:
        documents = [redirect for redirect in found.redirects if redirect.operator in _DOCUMENTS]
        given = Printed(feed.text) if feed is not None and feed.text is not None else None
        text = text_of(output_of(found.program, found.words, documents, given))
    elif found.output is not None:
        text = text_of(printed_by(walker, found.output, context))
    origin = feed.origin if feed is not None and found.program not in BUILTINS else Origin.UNKNOWN
    origin = walker.codes.origin_of_output((found,), walker.catalogue, origin)
    if origin not in (Origin.NETWORK, Origin.DECODED):
        if text is None:
            return None
        origin = Origin.LITERAL
    return Feed(text, origin)


def _derived(walker: "Walker", found: Found, feed: Feed | None) -> Feed | None:
    """What a command makes of files that the script wrote: the same where it passes them on, else what nobody knows."""
    if found.program == "dd" and feed is not None and feed.text is not None:
        return feed
    words = [*found.reading.operands, *(value for _, value, _ in found.reading.values)]
    sources = [source for word in words if (source := walker.codes.files.get(file_name(word))) is not None]
    if not sources:
        return None
    texts = [source.text for source in sources if source.text is not None]
    if found.program == "cat" and len(texts) == len(words):
        return Feed(tuple([part for text in texts for part in text]), sources[0].origin)
    origins = [source.origin for source in sources if is_unreadable(source.origin)]
    return Feed(None, origins[0] if origins else Origin.UNKNOWN)


def _made(found: Found) -> list[Word]:
    """The files that a command which only works on files and texts makes by its arguments."""
    meaning = found.meaning
    if meaning.action not in _ON_FILES:
        return []
    return [argument.word for argument in meaning.arguments if argument.role is _WRITE]


def _redirected_to(redirects: Sequence[Redirect]) -> list[Word]:
    return [r.target for r in redirects if r.operator in _OUTPUTS and r.descriptor in (None, 1)]


def _targets(found: Found) -> list[Word]:
    targets = _redirected_to(found.redirects) if found.redirects else []
    if found.program == "dd":
        return targets + [value for _, value, role in found.reading.values if role is _WRITE]
    if found.program == "tee":
        return targets + found.reading.operands
    spec = found.reading.spec
    if spec is not None and spec.kind is _FETCHER:
        targets += saved_names(spec, found.meaning)
        targets += [value for _, value, role in found.reading.values if role is _WRITE]
    return targets


def _note_copies(walker: "Walker", found: Found) -> None:
    operands = found.reading.operands
    for source in operands[:-1]:
        feed = walker.codes.files.get(file_name(source))
        if feed is not None and file_name(operands[-1]) != file_name(source):
            walker.codes.write(operands[-1], feed)
