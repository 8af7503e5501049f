"""What the evaluator must know of a language: how its text becomes a tree, and what its functions do."""

from collections.abc import Callable, Mapping

import msgspec

from security_hooks.shell.inline.knowledge import Entry
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.syntax import Node

# What stands for all names at once: `globals()`, `globalThis`, `builtins`.
NAMES = "<names>"


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A text as a tree. `broken`: the language would refuse it, or a hole keeps it from being read; `too_much`: it was
    not read to its end. `names` are literals that may be paths, of languages of which not every call is known.
    """

    nodes: tuple[Node, ...] = ()
    broken: bool = False
    too_much: bool = False
    names: tuple[str, ...] = ()


class Language(msgspec.Struct, frozen=True):
    """`aliases` are other names of modules, `environments` what holds the variables of the environment; `suffixes` may
    stand behind a function's name without another meaning. `refuses`: it runs nothing at all of a text that it cannot
    read. `flat`: its reader does not tell branches apart. `calls_texts`: a text is called as the function of this name.
    `local`: what a function assigns is its own, unless it says otherwise.
    `passing`: methods of anything that call their argument with the receiver.
    """

    name: str
    parse: Callable[[str, Marks], Parsed]
    table: Mapping[str, Entry]
    aliases: Mapping[str, str] = {}
    environments: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()
    refuses: bool = False
    flat: bool = False
    calls_texts: bool = False
    passing: frozenset[str] = frozenset()
    local: bool = False

    def canonical(self, name: str) -> str:
        """The one name of what has several."""
        if name in self.table:
            return name
        aliases = self.aliases
        if name in aliases:
            return aliases[name] or NAMES
        # The longest module name in front counts.
        place = name.rfind(".")
        while place > 0:
            instead = aliases.get(name[:place])
            if instead is not None:
                return instead + name[place:] if instead else name[place + 1 :]
            place = name.rfind(".", 0, place)
        return name

    def entry(self, name: str) -> Entry | None:
        """What is known of a function."""
        found = self.table.get(name)
        if found is None:
            for suffix in self.suffixes:
                if name.endswith(suffix) and (found := self.table.get(name.removesuffix(suffix))):
                    break
        return found
