"""Verbs that start programs."""

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole
from security_hooks.shell.inline.datum import (
    ANY,
    Datum,
    alternatives,
    joined,
    sources_of,
    value_of,
)
from security_hooks.shell.inline.knowledge import Group
from security_hooks.shell.inline.reading import Value
from security_hooks.shell.inline.site import Site


def shell(site: Site, groups: tuple[Group, ...]) -> None:
    """A text, or several joined, goes to a shell."""
    datum = site.find(groups[0])
    if datum is None:
        return
    for one in alternatives(datum):
        site.run.outcome.shell(value_of(joined(one.items, " ") if one.items is not None else one))
    _tie(site)


def argv(site: Site, groups: tuple[Group, ...]) -> None:
    """A program is started: a list of words, or, where a keyword says so, a text for a shell."""
    datum = site.find(groups[0])
    if datum is None:
        return
    words_after = site.find(groups[1]) if len(groups) > 1 else None
    shell = site.keywords.get("shell")
    program = site.keywords.get("executable")
    given = site.keywords.get("input")
    directory = site.keywords.get("cwd")
    outcome = site.run.outcome
    _tie(site)
    before = outcome.directory
    if directory is not None and not directory.is_plain:
        outcome.directory = outcome.path(value_of(directory))
    for one in alternatives(datum):
        is_list = one.items is not None
        if shell is not None and (shell.plain or not shell.is_plain):
            first = one.items[0] if one.items else one
            outcome.shell(value_of(first))
            if shell.plain or shell.parts is not None:
                continue
        words = [value_of(item) for item in one.items or ()] if is_list else [_splitting(one)]
        if words_after is not None and words_after.items is not None:
            words += [value_of(item) for item in words_after.items]
        elif words_after is not None and words_after.pairs is None and words_after.function is None:
            words += [_splitting(words_after)]
        if program is not None and program.parts and words:
            words[0] = program.parts
        outcome.argv(tuple(words), value_of(given) if given is not None and not given.is_plain else _bytes(given))
    outcome.directory = before


def _bytes(given: Datum | None) -> Value | None:
    return value_of(given) if given is not None and isinstance(given.plain, bytes) else None


def _splitting(datum: Datum) -> Value:
    """One argument, or, where nothing is known of it, any number."""
    if datum.parts is None and not datum.is_plain:
        return (Hole(ANY.kind, ANY.source, splits=True),)
    return value_of(datum)


def text_or_words(site: Site, groups: tuple[Group, ...]) -> None:
    """One text goes to a shell, several words or a list are a program started without."""
    datum = site.find(groups[0])
    if datum is None:
        return
    items = datum.items if datum.items is not None else (datum,)
    while items and items[0].pairs is not None:
        items = items[1:]
    if items and items[0].items is not None:
        # `[program, name]` in front of arguments, or the whole list.
        items = (*(items[0].items[:1] if len(items) > 1 else items[0].items), *items[1:])
        many = True
    else:
        many = len(items) > 1 and items[1].pairs is None and items[1].items is None
    _tie(site)
    if many:
        site.run.outcome.argv(tuple([value_of(item) for item in items if item.pairs is None and item.function is None]))
    elif items:
        for one in alternatives(items[0]):
            site.run.outcome.shell(value_of(one))


def program_and_words(site: Site, groups: tuple[Group, ...]) -> None:
    """`system2(command, args)`: joined to one text for a shell."""
    data = [datum for group in groups if (datum := site.find(group)) is not None and datum.pairs is None]
    texts = [item for datum in data for item in (datum.items if datum.items is not None else (datum,))]
    site.run.outcome.shell(value_of(joined(texts, " ")))


def replaced(site: Site, groups: tuple[Group, ...]) -> None:
    """A program by its path, and its words with its own name in front: a list, or all that follows."""
    program = site.find(groups[0])
    words = site.find(groups[1])
    if program is None:
        return
    _tie(site)
    items = words.items if words is not None else None
    if items is not None and len(items) == 1 and items[0].items is not None:
        items = items[0].items
    rest = [value_of(item) for item in items[1:]] if items is not None else [(Hole(ANY.kind, ANY.source, splits=True),)]
    for one in alternatives(program):
        site.run.outcome.argv((value_of(one), *rest))


def feed(site: Site, groups: tuple[Group, ...]) -> None:
    """A program started before is given this on its standard input."""
    given = site.find(groups[0])
    started = site.receiver.of if site.receiver is not None and site.receiver.of is not None else site.receiver
    while started is not None and started.is_instance and started.of is not None:
        started = started.of
    if given is None or started is None or (given.is_plain and given.plain is None):
        return
    words = tuple([value_of(item) for item in started.items]) if started.items is not None else (_splitting(started),)
    site.run.outcome.argv(words, value_of(given))


def _tie(site: Site) -> None:
    """What is started with a connection as its input or output is run by the other side."""
    outcome = site.run.outcome
    data = [datum for key in ("stdin", "stdout", "stdio") if (datum := site.keywords.get(key)) is not None]
    tied = tuple([index for index in sources_of(data) if outcome.kind(index) is EffectKind.CONNECTS])
    if tied:
        outcome.wired = (*outcome.wired, *tied)


def wire(site: Site, groups: tuple[Group, ...]) -> None:
    """A connection becomes the program's own input or output."""
    outcome = site.run.outcome
    found = sources_of([datum for group in groups if (datum := site.find(group)) is not None])
    outcome.wired += tuple([index for index in found if outcome.kind(index) is EffectKind.CONNECTS])
