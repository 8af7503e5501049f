"""Verbs for files and streams."""

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.datum import (
    ANY,
    Datum,
    alternatives,
    joined,
    literal_of,
    value_of,
)
from security_hooks.shell.inline.knowledge import Group
from security_hooks.shell.inline.site import Site, Verb

_WRITING = frozenset("waxAW+c>")


def on_paths(kind: EffectKind, *, recursive: bool = False) -> Verb:
    """The verb that has this effect on each path given."""

    def verb(site: Site, groups: tuple[Group, ...]) -> None:
        content = site.find(groups[1]) if len(groups) > 1 else None
        flag = site.keywords.get("recursive")
        below = recursive or (flag is not None and flag.plain is True)
        for path in site.paths(groups[0]):
            site.effect(kind, path, recursive=below, content=content)

    return verb


def opened(site: Site, groups: tuple[Group, ...]) -> None:
    """A file is opened; the mode says for what."""
    mode = site.find(groups[1]) if len(groups) > 1 else None
    known = (literal_of(mode) if mode is not None else "r") if mode is None or not mode.is_plain else "r"
    for path in site.paths(groups[0]):
        writes = known is None or not _WRITING.isdisjoint(known)
        if known is None or "r" in known or "+" in known or "<" in known or not writes:
            site.effect(EffectKind.READS, path)
        if writes:
            site.effect(EffectKind.WRITES, path)


def into(site: Site, groups: tuple[Group, ...]) -> None:
    """Data goes into what the receiver stands for: a file, a connection."""
    if site.receiver is None:
        return
    sources = tuple([source for group in groups if (d := site.find(group)) is not None for source in site.sources(d)])
    sources += tuple([index for index in site.made if site.run.outcome.kind(index) is EffectKind.READS])
    content = site.find(groups[0])
    for sink in site.receiver.sinks:
        site.run.outcome.sends(sink)
        if content is not None and content.parts is not None:
            site.run.outcome.write(sink, content.parts)
        site.run.outcome.flow(sources, sink)


def pour(site: Site, groups: tuple[Group, ...]) -> None:
    """Data of the first goes into the second."""
    data, to = site.find(groups[0]), site.find(groups[1])
    if data is None or to is None:
        return
    sinks = to.sinks
    if to.name.endswith(".stdin") and to.of is not None and to.of.of is not None:
        sinks = _fed_by_network(site, data, to.of.of)
    if not sinks and to.name.startswith(("sys.stdout", "process.stdout")):
        sinks = (site.run.outcome.effect(EffectKind.WRITES, ("/dev/stdout",)),)
    for sink in sinks:
        site.run.outcome.sends(sink)
        site.run.outcome.flow(site.sources(data), sink)


def _fed_by_network(site: Site, data: Datum, program: Datum) -> tuple[int, ...]:
    """What is run by the other side of a connection, because what comes from there goes into a program."""
    outcome = site.run.outcome
    if not any(outcome.kind(index) is EffectKind.CONNECTS for index in site.sources(data)):
        return ()
    first = program.items[0] if program.items else program
    return (outcome.effect(EffectKind.EXECUTES, value_of(first)),)


def out(site: Site, _groups: tuple[Group, ...]) -> None:
    """Data goes to standard output, or to the file named as such."""
    sources = tuple([source for d in site.arguments for source in site.sources(d)])
    to = site.keywords.get("file")
    sinks = to.sinks if to is not None and to.sinks else None
    if sources:
        for sink in sinks or (site.run.outcome.effect(EffectKind.WRITES, ("/dev/stdout",)),):
            site.run.outcome.sends(sink)
            site.run.outcome.flow(sources, sink)


def stdin(site: Site, _groups: tuple[Group, ...]) -> None:
    """Standard input is read."""
    site.effect(EffectKind.READS, ("/dev/stdin",))


def piped_open(site: Site, groups: tuple[Group, ...]) -> None:
    """`open(handle, mode, path)`, `open(handle, "mode path")`, `open("|command")`."""
    first = site.find(groups[0])
    second = site.find(groups[1]) if len(groups) > 1 else None
    if first is None:
        return
    value = value_of(first)
    literal = value[0].strip() if value and isinstance(value[0], str) else ""
    end = value[-1].rstrip() if value and isinstance(value[-1], str) else ""
    if second is not None and literal in ("-|", "|-"):
        site.run.outcome.shell(value_of(second))
    elif literal.startswith((">&", "<&")):
        site.run.outcome.wire_all()
    elif literal.startswith("|"):
        site.run.outcome.shell((literal[1:], *value[1:]))
    elif end.endswith("|"):
        site.run.outcome.shell((*value[:-1], end[:-1].rstrip()))
    elif second is not None and literal[:1] in ("<", ">", "+"):
        kind = EffectKind.READS if literal.startswith("<") else EffectKind.WRITES
        site.effect(kind, site.run.outcome.path(value_of(second)))
    elif literal.startswith(("http:", "https:", "ftp:")):
        site.effect(EffectKind.CONNECTS, value)
    else:
        mode = literal[: len(literal) - len(literal.lstrip("+<>"))]
        path = (literal[len(mode) :].lstrip(), *value[1:])
        word = (literal_of(second) or "r") if second is not None else "r"
        writes = ">" in mode or "+" in mode or not _WRITING.isdisjoint(word)
        site.effect(EffectKind.WRITES if writes else EffectKind.READS, site.run.outcome.path(path))


def read_or_fetch(site: Site, groups: tuple[Group, ...]) -> None:
    """A path or a URL is read."""
    datum = site.find(groups[0])
    if datum is None:
        return
    for one in alternatives(datum):
        value = value_of(one)
        first = value[0] if value else ""
        if isinstance(first, str) and first.startswith(("http:", "https:", "ftp:")):
            site.effect(EffectKind.CONNECTS, value)
        elif isinstance(first, str) and first in ("php://stdin", "php://input", "stdin"):
            site.effect(EffectKind.READS, ("/dev/stdin",))
        else:
            opened(site, groups)


def home(site: Site, groups: tuple[Group, ...]) -> None:
    """`~` in front becomes the home directory."""
    home = Datum(parts=(site.run.home,) if site.run.home else (ANY,))
    path = site.find(groups[0]) if groups else None
    if path is None:
        site.result = home
        return
    value = value_of(path)
    first = value[0] if value else ""
    if isinstance(first, str) and (first == "~" or first.startswith("~/")):
        rest = Datum(parts=(first[1:], *value[1:]) if len(first) > 1 else value[1:])
        path = msgspec.structs.replace(joined((home, rest)), sources=path.sources)
    site.result = path


def chdir(site: Site, groups: tuple[Group, ...]) -> None:
    """Relative paths start elsewhere from now on."""
    paths = site.paths(groups[0])
    if paths:
        site.run.outcome.directory = paths[0] if len(paths) == 1 else (ANY,)


def library(site: Site, groups: tuple[Group, ...]) -> None:
    """A library is loaded, which is to run it; one without a directory is the system's."""
    for path in site.paths(groups[0]):
        if any(not isinstance(part, str) or "/" in part for part in path):
            site.effect(EffectKind.EXECUTES, path)
