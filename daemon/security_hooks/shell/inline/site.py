"""One call as a verb sees it: its arguments by the notation's selectors, and the effects that it made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.datum import (
    Datum,
    alternatives,
    bare,
    derived,
    sources_of,
    text,
    value_of,
)
from security_hooks.shell.inline.folds import FOLDS
from security_hooks.shell.inline.knowledge import Group
from security_hooks.shell.inline.reading import Value

if TYPE_CHECKING:
    from security_hooks.shell.inline.calls import Caller

MOST_TARGETS = 256


class Site:
    """One call: what it was given, and the effects `made` so far. `result` is set by a verb that knows it."""

    __slots__ = ("arguments", "called_back", "keywords", "made", "receiver", "result", "run")

    def __init__(
        self, run: "Caller", receiver: Datum | None, arguments: Sequence[Datum], keywords: Mapping[str, Datum]
    ) -> None:
        self.run = run
        self.receiver = receiver
        self.arguments = arguments
        self.keywords = keywords
        self.made: list[int] = []
        self.result: Datum | None = None
        self.called_back = False

    def find(self, group: Group) -> Datum | None:
        """The argument that this group means, None where it was not given."""
        for selector in group:
            if selector.isdigit():
                place = int(selector)
                if place < len(self.arguments):
                    return self.arguments[place]
            elif selector == "result":
                return self.result
            elif selector.startswith("="):
                try:
                    receiver = bare(self.receiver) if self.receiver is not None else None
                    return FOLDS[selector[1:]](receiver, [bare(datum) for datum in self.arguments])
                except (ValueError, TypeError, LookupError):
                    return derived(self.arguments)
            elif selector == "self":
                if self.receiver is not None:
                    return self.receiver
            elif selector == "*":
                return Datum(items=tuple(self.arguments))
            elif selector.endswith("+") and selector[:-1].isdigit():
                return Datum(items=tuple(self.arguments[int(selector[:-1]) :]))
            elif selector.startswith("'"):
                return text(selector.strip("'"))
            elif selector in self.keywords:
                return self.keywords[selector]
        return None

    def sources(self, datum: Datum) -> tuple[int, ...]:
        """The effects whose data are in it."""
        return sources_of((datum,))

    def effect(self, kind: EffectKind, target: Value, *, recursive: bool = False, content: Datum | None = None) -> None:
        """Note an effect of this call."""
        written = value_of(content) if content is not None and content.parts is not None else None
        self.made.append(self.run.outcome.effect(kind, target, recursive=recursive, content=written))

    def paths(self, group: Group) -> list[Value]:
        """The paths that an argument stands for, each way that it may be; none where it was not given."""
        datum = self.find(group)
        if datum is None or datum.is_plain:
            return []
        # Lists among the arguments count by what is in them: `unlink glob("*"), "x"`.
        data = (item for one in alternatives(datum) for item in _spread(one))
        return [self.run.outcome.path(value_of(one)) for one in islice(data, MOST_TARGETS)]


def _spread(datum: Datum) -> Iterator[Datum]:
    waiting = [datum]
    while waiting:
        one = waiting.pop()
        if one.items is None:
            yield one
        else:
            waiting.extend(reversed(one.items))


Verb = Callable[[Site, tuple[Group, ...]], None]
