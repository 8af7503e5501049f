"""A call of something known: its arguments found by the table, its verbs carried out, its result made."""

import re
import zlib
from collections.abc import Mapping, Sequence

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Origin
from security_hooks.shell.inline.datum import Datum, bare, derived, literal_of, named
from security_hooks.shell.inline.evaluate import Evaluator
from security_hooks.shell.inline.folds import FOLDS
from security_hooks.shell.inline.knowledge import Clause, Entry
from security_hooks.shell.inline.language import NAMES
from security_hooks.shell.inline.site import Site
from security_hooks.shell.inline.verbs import VERBS

_PATH = re.compile(r"(?:~|\.{1,2})?/[^\s'\"<>|*?{}()]+|[\w.@-]+(?:/[\w.@-]+)+")
_MISTAKES = (ValueError, TypeError, LookupError, OverflowError, zlib.error)
_MOST_CODE_DEPTH = 5


def looks_like_path(literal: str) -> bool:
    """Whether this text may well be meant as a path."""
    return len(literal) <= 4096 and _PATH.fullmatch(literal) is not None and not literal.startswith("//")


class Caller(Evaluator):
    """An evaluator that knows what functions do."""

    def call(self, function: Datum, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> Datum:
        """What a call gives back, and all that it does noted."""
        if function.function is not None:
            return self.enter(function.function, arguments, keywords)
        if self.language.calls_texts and (called := literal_of(function)) is not None:
            return self.call(named(self.language.canonical(called)), arguments, keywords)
        if function.name.endswith("?") and function.of is None:
            self.outcome.opaquely(Origin.UNKNOWN)
            return derived(arguments)
        if function.name:
            name = function.name
            entry = self.language.entry(name)
            if entry is None and function.of is not None:
                # The method of something of which only the method's name is known.
                entry = self.language.entry("?." + name.rpartition(".")[2])
            if entry is not None:
                return self._apply(entry, function.of, arguments, keywords)
            if name.startswith("str.") and function.of is not None:
                return self.texts.method(name[4:], function.of, arguments, keywords)
        return self._unknown(function, arguments, keywords)

    def mention(self, datum: Datum) -> Datum:
        """What something outside of the code stands for where it is only named."""
        entry = self.language.entry(datum.name)
        if entry is None or not entry.on_mention:
            return datum
        return self._apply(entry, datum.of, (), {})

    def execute(self, code: Datum) -> Datum:
        """Walk code that the program itself runs; what it stands for."""
        value = code.parts if code.parts is not None else None
        if value is None and isinstance(code.plain, bytes):
            value = (code.plain.decode("utf-8", "replace"),)
        if code.others or value is None or (value and not isinstance(value[0], str)):
            self.outcome.opaquely(code.origin)
            return derived((code,))
        if self.code_depth >= _MOST_CODE_DEPTH:
            self.over = True
            return derived((code,))
        parsed = self.language.parse(self.marks.text(value), self.marks)
        self.over = self.over or parsed.too_much
        if parsed.broken and len(value) > 1:
            self.outcome.opaquely(Origin.UNKNOWN)
        self.code_depth += 1
        found = self.run(parsed.nodes)
        self.code_depth -= 1
        return found

    def _apply(
        self,
        entry: Entry,
        receiver: Datum | None,
        arguments: Sequence[Datum],
        keywords: Mapping[str, Datum],
    ) -> Datum:
        """Carry out what the table says of this call."""
        site = Site(self, receiver, arguments, keywords)
        if self.language.name != "python" and arguments and arguments[-1].pairs is not None:
            # Options come in an object at the end.
            site.keywords = {**dict(arguments[-1].pairs), **keywords}
        for clause in entry.clauses:
            VERBS[clause.verb](site, clause.groups)
        data = [*arguments, *keywords.values()]
        if receiver is not None:
            data.append(receiver)
        self._flow_through(site, data)
        if not site.called_back:
            self._call_back(site, arguments, keywords)
        if entry.result is None:
            made = site.result or derived(data)
            return self._marked(made, site)
        return self._result(entry.result, site, arguments, data)

    def _result(self, result: Clause, site: Site, arguments: Sequence[Datum], data: Sequence[Datum]) -> Datum:
        kind = result.verb
        if kind.startswith("="):
            fold = FOLDS[kind[1:]]
            receiver = site.receiver
            try:
                if result.groups:
                    arguments = [found for group in result.groups if (found := site.find(group)) is not None]
                made = fold(bare(receiver) if receiver is not None else None, [bare(a) for a in arguments])
            except _MISTAKES:
                made = derived(data, Origin.DECODED)
            return self._marked(made, site)
        if kind == "self":
            return site.receiver if site.receiver is not None else derived(data)
        if kind == "module":
            module = literal_of(arguments[0]) if arguments else None
            return named(self.language.canonical(module) if module else "?")
        if kind == "names":
            return named(NAMES)
        is_text = kind.startswith("&")
        of = site.find(result.groups[0]) if result.groups else None
        made = Datum(
            name=kind.lstrip("&"),
            is_instance=True,
            is_text=is_text,
            of=of,
            origin=Origin.UNKNOWN if not is_text else Origin.LITERAL,
        )
        return self._marked(made, site)

    def _marked(self, made: Datum, site: Site) -> Datum:
        """What comes back carries the data that the call read."""
        sources = {index for index in site.made if self.outcome.kind(index) in _READING}
        sinks = {index for index in site.made if self.outcome.kind(index) in _TAKING}
        origin = made.origin
        if any(self.outcome.kind(index) is EffectKind.CONNECTS for index in site.made):
            origin = Origin.NETWORK
        if not sources and not sinks and origin is made.origin:
            return made
        return msgspec.structs.replace(
            made,
            sources=tuple(sorted(sources.union(made.sources))),
            sinks=tuple(sorted(sinks.union(made.sinks))),
            origin=origin,
        )

    def _flow_through(self, site: Site, data: Sequence[Datum]) -> None:
        """What goes into a call goes where the call writes."""
        sources: set[int] = set()
        for datum in data:
            sources.update(site.sources(datum))
        for index in site.made:
            kind = self.outcome.kind(index)
            if kind in _TAKING and sources:
                self.outcome.flow(tuple(sources), index)
                self.outcome.sends(index)
            if kind in _READING:
                sources.add(index)

    def _call_back(self, site: Site, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> None:
        """Functions that were handed over are called with what the call found."""
        read = tuple([index for index in site.made if self.outcome.kind(index) in _READING])
        came = self._marked(derived(arguments), site)
        for datum in (*arguments, *keywords.values()):
            if datum.function is not None:
                given = msgspec.structs.replace(came, sources=tuple(sorted({*came.sources, *read})))
                self.enter(datum.function, [given] * len(datum.function.parameters), {})

    def _unknown(self, function: Datum, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> Datum:
        """A call of something that no table knows."""
        data = [*arguments, *keywords.values()]
        for number, datum in enumerate(data):
            if datum.function is not None:
                self.enter(datum.function, [derived([function, *data[:number]])] * len(datum.function.parameters), {})
            elif (
                datum.name
                and datum.of is None
                and not datum.is_instance
                and self.language.entry(datum.name) is not None
            ):
                # `map(os.system, [..])`, `Thread(target=os.system, args=(..))`: it may be called with the rest.
                self.apply_to(datum, [other for other in data if other is not datum])
            elif datum.parts and function.name and (literal := literal_of(datum)) and looks_like_path(literal):
                self.outcome.effect(EffectKind.NAMES, self.outcome.path((literal,)), certain=False)
        return derived([function, *data])

    def apply_to(self, function: Datum, data: Sequence[Datum]) -> Datum:
        """Call a function that was handed over, once with each item of the lists handed over with it."""
        spread = [datum.items for datum in data if datum.items is not None]
        made: list[Datum] = []
        for items in spread:
            made += [self.call(function, item.items if item.items is not None else (item,), {}) for item in items[:256]]
        if not spread:
            made.append(self.call(function, data, {}))
        return Datum(items=tuple(made)) if spread else made[0]


_READING = frozenset((EffectKind.READS, EffectKind.READS_ENV, EffectKind.CONNECTS))
_TAKING = frozenset((EffectKind.WRITES, EffectKind.CONNECTS, EffectKind.EXECUTES))
