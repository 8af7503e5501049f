"""What has been found so far: effects, flows between them, commands started, and whether unknown code was run."""

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, Origin
from security_hooks.shell.inline.datum import MANY, gravest
from security_hooks.shell.inline.reading import Inline, RawEffect, Value

_MOST = 1000
_MOST_CONTENT = 1 << 16
_STREAMS = ("/dev/stdin", "/dev/stdout", "*")


class Outcome:
    """Collects, each thing once. `directory` is where relative paths start, `wired` what standard input was tied to."""

    __slots__ = (
        "_argvs",
        "_effects",
        "_flows",
        "_indices",
        "_reserved",
        "_shell",
        "directory",
        "full",
        "nested",
        "opaque",
        "uncertain",
        "wired",
    )

    def __init__(self) -> None:
        self._effects: list[RawEffect] = []
        self._indices: dict[tuple[EffectKind, Value, Value | None, str], int] = {}
        self._flows: dict[tuple[int, int], None] = {}
        self._shell: dict[Value, None] = {}
        self._argvs: dict[tuple[Value, ...], None] = {}
        self._reserved: set[int] = set()
        self.nested: list[tuple[str, Value]] = []
        self.directory: Value = ()
        self.wired: tuple[int, ...] = ()
        self.opaque: Origin | None = None
        self.uncertain = 0
        self.full = False

    def effect(
        self,
        kind: EffectKind,
        target: Value,
        *,
        certain: bool = True,
        recursive: bool = False,
        content: Value | None = None,
        kind_of_object: str = "",
    ) -> int:
        """Note an effect; its index."""
        certain = certain and not self.uncertain
        key = (kind, target, content, kind_of_object)
        index = self._indices.get(key)
        if index is None:
            if len(self._effects) >= _MOST:
                self.full = True
                return len(self._effects) - 1
            index = self._indices[key] = len(self._effects)
            self._effects.append(RawEffect(kind, target, certain, recursive, content=content, object=kind_of_object))
        else:
            old = self._effects[index]
            if (certain and not old.certain) or (recursive and not old.recursive):
                self._effects[index] = msgspec.structs.replace(
                    old, certain=certain or old.certain, recursive=recursive or old.recursive
                )
        return index

    def reserve(self) -> int:
        """The index of a connection that is not made yet."""
        index = len(self._effects)
        self._effects.append(RawEffect(EffectKind.CONNECTS, (), certain=False))
        self._reserved.add(index)
        return index

    def fill(self, index: int, target: Value) -> None:
        """Make the connection that was reserved."""
        if index in self._reserved:
            self._reserved.discard(index)
            sends = self._effects[index].sends
            self._effects[index] = RawEffect(EffectKind.CONNECTS, target, not self.uncertain, sends=sends)
        elif self._effects[index].target != target:
            self.effect(EffectKind.CONNECTS, target)

    def wire_all(self) -> None:
        """What is started from now on talks to every connection made so far."""
        self.wired = tuple([n for n, effect in enumerate(self._effects) if effect.kind is EffectKind.CONNECTS])

    def path(self, value: Value) -> Value:
        """The path as seen from where the code started."""
        first = value[0] if value else ""
        if not self.directory or not isinstance(first, str) or first.startswith("/"):
            return value
        return merged((*self.directory, "/" + first, *value[1:]))

    def write(self, index: int, content: Value) -> None:
        """What goes into a file that was opened to be written."""
        effect = self._effects[index]
        if effect.kind is EffectKind.WRITES:
            before = effect.content or ()
            if sum([len(part) for part in before if isinstance(part, str)]) < _MOST_CONTENT:
                self._effects[index] = msgspec.structs.replace(effect, content=merged((*before, *content)))

    def sends(self, index: int) -> None:
        """Data leaves with this connection."""
        if index == MANY:
            self.full = True
            return
        effect = self._effects[index]
        if effect.kind is EffectKind.CONNECTS:
            self._effects[index] = msgspec.structs.replace(effect, sends=True)

    def flow(self, sources: tuple[int, ...], sink: int) -> None:
        """Data goes from these into that one."""
        if len(self._flows) > _MOST:
            self.full = True
            return
        for source in sources:
            if source == MANY:
                self.full = True
            elif source != sink and self._effects[source].target != self._effects[sink].target:
                self._flows[source, sink] = None

    def kind(self, index: int) -> EffectKind:
        """The kind of an effect found before; of those that were not looked for the gravest."""
        if index == MANY:
            self.full = True
            return EffectKind.CONNECTS
        return self._effects[index].kind

    def target(self, index: int) -> Value:
        """The target of an effect found before."""
        return self._effects[index].target

    def shell(self, text: Value) -> None:
        """A text goes to a shell."""
        if self.directory:
            text = ("cd ", *_quoted(self.directory), " && ", *text)
        text = merged(text)
        self._keep_within(self._shell)
        self._shell[text] = None
        self._wire((text[0].split()[0],) if text and isinstance(text[0], str) and text[0].split() else ())

    def argv(self, words: tuple[Value, ...], given: Value | None = None) -> None:
        """A program is started with these words; `given` is what it gets on standard input."""
        self._keep_within(self._argvs)
        if self.directory or given is not None:
            quoted = [part for word in words for part in (*_quoted(word), " ")]
            text = (*quoted, "<<< ", *_quoted(given)) if given is not None else tuple(quoted)
            self.shell(text)
            return
        self._argvs[words] = None
        self._wire(words[0] if words else ())

    def opaquely(self, origin: Origin) -> None:
        """Code is run that is not known."""
        origin = Origin.UNKNOWN if origin in (Origin.LITERAL, Origin.FILE) else origin
        self.opaque = gravest((origin, self.opaque)) if self.opaque else origin

    def known_texts(self) -> list[str]:
        """Every literal that was given a meaning."""
        values: list[Value] = [effect.target for effect in self._effects]
        values += [effect.content for effect in self._effects if effect.content]
        values += self._shell
        values += [word for words in self._argvs for word in words]
        return [part for value in values for part in value if isinstance(part, str)]

    def inline(self, *, over_budget: bool) -> Inline:
        """All that was found. A stream stands in it only where data flows from or to it."""
        flows = [pair for pair in self._flows if self._reserved.isdisjoint(pair)]
        flowing = {index for pair in flows for index in pair}
        kept = [
            index
            for index, effect in enumerate(self._effects)
            if index not in self._reserved
            and (index in flowing or not effect.target or effect.target[0] not in _STREAMS)
        ]
        places = {index: place for place, index in enumerate(kept)}
        return Inline(
            tuple([self._effects[index] for index in kept]),
            tuple(self._shell),
            tuple(self._argvs),
            self.opaque,
            tuple([(places[a], places[b]) for a, b in flows]),
            over_budget or self.full,
        )

    def _keep_within(self, found: dict[Value, None] | dict[tuple[Value, ...], None]) -> None:
        if len(found) > _MOST:
            self.full = True
            found.clear()
            self.opaquely(Origin.UNKNOWN)

    def _wire(self, program: Value) -> None:
        for source in self.wired:
            self.flow((source,), self.effect(EffectKind.EXECUTES, program))


def merged(value: Value) -> Value:
    """The same with neighbouring texts joined."""
    parts: list[str | Hole] = []
    literal: list[str] = []
    for part in value:
        if isinstance(part, str):
            literal.append(part)
            continue
        if literal:
            parts.append("".join(literal))
            literal = []
        parts.append(part)
    if literal:
        parts.append("".join(literal))
    return tuple(parts)


def _quoted(value: Value) -> tuple[str | Hole, ...]:
    """The text as one word of a shell."""
    parts = ["'" + part.replace("'", "'\\''") + "'" if isinstance(part, str) else part for part in value]
    return tuple(parts) or ("''",)
