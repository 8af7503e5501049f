"""Verbs that run code of the same language, and functions handed over."""

from security_hooks.model.word import Origin
from security_hooks.shell.inline.datum import (
    Datum,
    alternatives,
    derived,
    either,
    literal_of,
)
from security_hooks.shell.inline.knowledge import Group
from security_hooks.shell.inline.site import MOST_TARGETS, Site


def opaque(site: Site, _groups: tuple[Group, ...]) -> None:
    """Code is run that cannot be known."""
    site.run.outcome.opaquely(Origin.UNKNOWN)


def run_code(site: Site, groups: tuple[Group, ...]) -> None:
    """Text is run as code of the same language."""
    code = site.find(groups[0])
    while code is not None and code.is_instance and code.of is not None:
        code = code.of
    if code is not None and code.function is None:
        site.result = site.run.execute(code)


def function_of_text(site: Site, _groups: tuple[Group, ...]) -> None:
    """`new Function(.., body)`: the last argument is code."""
    if site.arguments:
        site.result = site.run.execute(site.arguments[-1])


def unpack(site: Site, groups: tuple[Group, ...]) -> None:
    """Data that may carry code: only that from a file of one's own is taken for harmless."""
    data = site.find(groups[0])
    if data is not None and (
        data.origin in (Origin.NETWORK, Origin.DECODED) or data.is_plain or data.parts is not None
    ):
        site.run.outcome.opaquely(data.origin if data.origin is not Origin.LITERAL else Origin.DECODED)


def same(site: Site, groups: tuple[Group, ...]) -> None:
    """What is given, seen in another way: `vars(of)`."""
    site.result = site.find(groups[0])


def attribute(site: Site, groups: tuple[Group, ...]) -> None:
    """`getattr(of, name)`."""
    of, name = site.find(groups[0]), site.find(groups[1])
    if of is None or name is None:
        return
    made = []
    for one in alternatives(name):
        literal = literal_of(one)
        known_module = bool(of.name) and of.of is None
        if literal is None and not known_module:
            made.append(derived((of, name)))
        else:
            made.append(site.run.attribute(of, literal if literal is not None else "?"))
    site.result = either(made)


def applied(site: Site, groups: tuple[Group, ...]) -> None:
    """The function given is called with the arguments given."""
    site.called_back = True
    function, given = site.find(groups[0]), site.find(groups[1]) if len(groups) > 1 else None
    if function is None:
        return
    if given is not None and given.items is not None:
        site.result = site.run.call(function, given.items, {})
    elif given is not None:
        site.result = site.run.call(function, (given,), {})
    else:
        site.result = site.run.call(function, (), {})


def give(site: Site, groups: tuple[Group, ...]) -> None:
    """The function given is called with the receiver."""
    function = site.find(groups[0])
    if function is not None and site.receiver is not None:
        site.called_back = True
        site.result = site.run.call(function, (site.receiver,), {})


def mapped(site: Site, groups: tuple[Group, ...]) -> None:
    """The function given is called with each item."""
    site.called_back = True
    function, items = site.find(groups[0]), site.find(groups[1])
    if function is None or items is None:
        return
    found = site.run.items_of(items)
    if found is None:
        made = site.run.call(function, (derived((items,)),), {})
        site.result = derived((items, made))
    else:
        site.result = Datum(items=tuple([site.run.call(function, (item,), {}) for item in found[:MOST_TARGETS]]))


def send_message(site: Site, groups: tuple[Group, ...]) -> None:
    """`object.send(:name, ..)`: a function by its name."""
    name, given = site.find(groups[0]), site.find(groups[1])
    literal = literal_of(name) if name is not None else None
    if name is not None and name.name:
        literal = name.name
    if literal is None:
        if name is not None and name.parts is None:
            site.run.outcome.opaquely(Origin.UNKNOWN)
        return
    site.called_back = True
    of = site.receiver.name if site.receiver is not None and site.receiver.name else ""
    for full in (f"{of}.{literal}" if of else literal, literal):
        if site.run.language.entry(full) is not None:
            site.result = site.run.call(Datum(name=full), given.items or () if given is not None else (), {})
            return
