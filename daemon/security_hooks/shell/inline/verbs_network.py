"""Verbs for connections, databases, the environment and processes."""

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.datum import (
    alternatives,
    derived,
    literal_of,
    value_of,
)
from security_hooks.shell.inline.knowledge import Group
from security_hooks.shell.inline.site import Site, Verb
from security_hooks.shell.inline.sql import mutations

_HOSTS = ("hostname", "host", "url", "uri", "baseURL")


def connect(site: Site, groups: tuple[Group, ...]) -> None:
    """A host or URL is connected to; an address may be a pair, or an object with the host in it."""
    datum = site.find(groups[0]) if groups else None
    for one in alternatives(datum) if datum is not None else (derived(()),):
        host = one
        if one.items:
            host = one.items[0]
        elif one.pairs is not None:
            named = dict(one.pairs)
            host = next((named[key] for key in _HOSTS if key in named), derived(()))
        value = value_of(host)
        first = value[0] if value else ""
        if isinstance(first, str) and first.startswith("file:"):
            site.effect(EffectKind.READS, ("/" + first[5:].lstrip("/"), *value[1:]))
        else:
            site.effect(EffectKind.CONNECTS, value)


def later(site: Site, _groups: tuple[Group, ...]) -> None:
    """Something that will connect is made."""
    site.made.append(site.run.outcome.reserve())


def reach(site: Site, groups: tuple[Group, ...]) -> None:
    """What was made to connect does."""
    if site.receiver is None or (address := site.find(groups[0])) is None:
        return
    host = address.items[0] if address.items else address
    if host.pairs is not None:
        host = next((value for key, value in host.pairs if key in _HOSTS), derived(()))
    for index in site.receiver.sinks:
        site.run.outcome.fill(index, value_of(host))


def send(site: Site, groups: tuple[Group, ...]) -> None:
    """The connection just made carries data, if any were given."""
    for group in groups:
        for selector in group:
            datum = site.find((selector,))
            if datum is not None and not (datum.is_plain and datum.plain is None) and datum.function is None:
                for index in site.made:
                    site.run.outcome.sends(index)
                return


def method_sends(site: Site, groups: tuple[Group, ...]) -> None:
    """The connection sends where a word says that it does: `POST`."""
    word = site.find(groups[0])
    if word is not None and (literal_of(word) or "POST").upper() not in ("GET", "HEAD", "OPTIONS"):
        for index in site.made:
            site.run.outcome.sends(index)


def sql(site: Site, groups: tuple[Group, ...]) -> None:
    """A statement for a database."""
    statement = site.find(groups[0])
    literal = "".join([part for part in value_of(statement) if isinstance(part, str)]) if statement else ""
    for effect in mutations(literal):
        index = site.run.outcome.effect(
            effect.kind, effect.target, certain=effect.certain, kind_of_object=effect.object
        )
        site.made.append(index)


def env(site: Site, groups: tuple[Group, ...]) -> None:
    """A variable of the environment is read."""
    name = site.find(groups[0])
    if name is not None:
        site.result = site.run.variable(name)
        site.made += [index for index in site.result.sources if index not in name.sources]


def setenv(site: Site, groups: tuple[Group, ...]) -> None:
    """A variable of the environment is set."""
    name = site.find(groups[0])
    if name is not None:
        content = site.find(groups[1]) if len(groups) > 1 else None
        site.effect(EffectKind.SETS_ENV, value_of(name), content=content)


def target(kind: EffectKind) -> Verb:
    """The verb that has this effect on what it is given, a path or not."""

    def verb(site: Site, groups: tuple[Group, ...]) -> None:
        datum = site.find(groups[0]) if groups else None
        site.effect(kind, value_of(datum) if datum is not None else ())

    return verb
