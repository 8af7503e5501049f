"""What names stand for: variables by scope, members of what is known, the variables of the environment."""

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Origin
from security_hooks.shell.inline.datum import (
    ANY,
    Datum,
    alternatives,
    derived,
    either,
    literal_of,
    named,
    plain,
    text,
)
from security_hooks.shell.inline.language import NAMES, Language
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome
from security_hooks.shell.inline.syntax import (
    Attribute,
    Index,
    Name,
    Node,
)
from security_hooks.shell.inline.syntax import (
    Mapping as Pairs,
)
from security_hooks.shell.inline.syntax import (
    Sequence as Items,
)

# What leads from any object to every other one: what is reached by it cannot be followed.
_TUNNELS = frozenset(("__subclasses__", "__globals__", "__mro__", "__bases__", "__base__"))
_MOST_ITEMS = 256


class Names:
    """The names of one program. `branches` is how many ways that may not be taken lead here."""

    def __init__(self, language: Language, marks: Marks, home: str) -> None:
        self.language = language
        self.marks = marks
        self.home = home
        self.outcome = Outcome()
        self.scopes: list[dict[str, Datum]] = [{}]
        self.stars: list[str] = []
        self.shared: set[str] = set()
        self.branches = 0

    def evaluate(self, node: Node) -> Datum:
        """What this stands for, and all that it does noted."""
        raise NotImplementedError

    def mention(self, datum: Datum) -> Datum:
        """What something outside of the code stands for where it is only named."""
        raise NotImplementedError

    def look_up(self, name: str) -> Datum:
        """What a name stands for."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        for module in self.stars:
            if self.language.entry(full := self.language.canonical(f"{module}.{name}")) is not None:
                return named(full)
        if self.marks.marked(name):
            return Datum(parts=self.marks.value(name), origin=Origin.UNKNOWN)
        return self.mention(named(self.language.canonical(name)))

    def attribute(self, whole: Datum, name: str) -> Datum:
        """`whole.name`."""
        if whole.others:
            return either(
                [self.attribute(msgspec.structs.replace(one, others=()), name) for one in alternatives(whole)]
            )
        if whole.pairs is not None:
            for key, value in reversed(whole.pairs):
                if key == name:
                    return value
        if name == "__dict__" and whole.name and not whole.is_instance:
            return whole
        if self.marks.marked(name):
            name = "?"
        if name in self.language.passing:
            return self.method(whole, "?", name)
        if name in _TUNNELS and not whole.is_instance:
            self.outcome.opaquely(Origin.UNKNOWN)
        if whole.name == NAMES:
            return self.look_up(name)
        if whole.name in self.language.environments and self.language.entry(f"{whole.name}.{name}") is None:
            return self.variable(text(name))
        if whole.is_instance:
            return self.mention(self.method(whole, whole.name, name))
        if whole.name:
            full = self.language.canonical(f"{whole.name}.{name}") if whole.of is None else f"{whole.name}.{name}"
            return self.mention(msgspec.structs.replace(whole, name=full))
        if whole.parts is not None or whole.is_plain:
            return self.method(whole, "str", name)
        return self.method(whole, "list" if whole.items is not None else "?", name)

    def variable(self, name: Datum) -> Datum:
        """The value of a variable of the environment, and that it was read."""
        if literal_of(name) in ("HOME", "USERPROFILE"):
            return text(self.home) if self.home else Datum(parts=(ANY,))
        value = name.parts if name.parts is not None else (ANY,)
        index = self.outcome.effect(EffectKind.READS_ENV, value)
        return Datum(parts=(ANY,), sources=(index, *name.sources), origin=Origin.UNKNOWN)

    def whole_environment(self, datum: Datum) -> Datum:
        """The same; if it is the environment as a whole, with all of it as its source."""
        if datum.name not in self.language.environments or datum.of is not None:
            return datum
        return msgspec.structs.replace(datum, sources=(self.outcome.effect(EffectKind.READS_ENV, ("*",)),))

    def items_of(self, whole: Datum) -> tuple[Datum, ...] | None:
        """What a loop over this goes through, None where that is not known."""
        if whole.others:
            return None
        if whole.items is not None:
            return whole.items
        if whole.pairs is not None:
            return tuple([text(key) for key, _ in whole.pairs])
        literal = literal_of(whole)
        if literal is not None and len(literal) <= _MOST_ITEMS:
            return tuple([text(char) for char in literal])
        if isinstance(whole.plain, bytes) and len(whole.plain) <= _MOST_ITEMS:
            return tuple([plain(code) for code in whole.plain])
        return None

    def assign(self, target: Node, value: Datum) -> None:
        """Give a name, or all names in a pattern, what they hold now."""
        if isinstance(target, Name):
            scope = self.scopes[-1]
            if self.branches and target.name in scope:
                value = either((value, scope[target.name]))
            elif target.name not in scope and (not self.language.local or target.name in self.shared):
                # It may be the name outside of the function: a callback leaves there what it was given.
                outer = next((outer for outer in reversed(self.scopes) if target.name in outer), None)
                if outer is not None:
                    outer[target.name] = either((value, outer[target.name]))
            scope[target.name] = value
        elif isinstance(target, Items):
            items = self.items_of(value)
            for number, inner in enumerate(target.items):
                known = items is not None and number < len(items)
                self.assign(inner, items[number] if known and items is not None else derived((value,)))
        elif isinstance(target, Pairs):
            for key, inner in target.pairs:
                name = literal_of(self.evaluate(key)) if key is not None else None
                self.assign(inner, self.attribute(value, name) if name else derived((value,)))
        elif isinstance(target, Attribute | Index):
            self._assign_within(target, value)

    def _assign_within(self, target: Attribute | Index, value: Datum) -> None:
        """`whole.name = value`, `whole[key] = value`."""
        whole = self.evaluate(target.of)
        key = text(target.name) if isinstance(target, Attribute) else self.evaluate(target.key)
        if whole.name in self.language.environments:
            self.outcome.effect(EffectKind.SETS_ENV, key.parts or (ANY,), content=value.parts)
        elif isinstance(target.of, Name) and (name := literal_of(key)) is not None:
            if whole.pairs is not None:
                pairs = tuple([pair for pair in whole.pairs if pair[0] != name])
                self.assign(target.of, msgspec.structs.replace(whole, pairs=(*pairs, (name, value))))
            elif not whole.name:
                self.assign(target.of, derived((whole, value)))
        elif isinstance(target.of, Name) and not whole.name:
            self.assign(target.of, derived((whole, value)))

    def method(self, whole: Datum, kind: str, name: str) -> Datum:
        """A method of this value."""
        return Datum(name=f"{kind}.{name}", of=whole, sources=whole.sources, sinks=whole.sinks, origin=whole.origin)
