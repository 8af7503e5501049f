"""What surrounds the command being looked at, and what is noted of each command found."""

from dataclasses import dataclass
from typing import NamedTuple

from security_hooks.model.shell import Assignment, PipePosition, Redirect, Wrapper
from security_hooks.model.word import Hole, Origin, Word
from security_hooks.shell.inline.reading import RawEffect
from security_hooks.shell.options import Reading
from security_hooks.shell.printed import Printed
from security_hooks.shell.state import Value


class Feed(NamedTuple):
    """What comes in on standard input: its text where that is known, else where it comes from."""

    text: Value | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Context:
    """The constructs, pipelines and wrappers around a command. `span` stands for all places within code whose own
    places are not places in the script; `embedded` is what placeholders in that code's text stand for.
    """

    embedded: dict[str, Hole | str]
    inside: tuple[str, ...] = ()
    pipes: tuple[PipePosition, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    span: tuple[int, int] | None = None
    feed: Feed | None = None
    depth: int = 0

    def into(self, construct: str) -> "Context":
        """The context within one more construct."""
        # Spelled out, here and below: `replace` takes five times as long.
        return Context(
            self.embedded, (*self.inside, construct), self.pipes, self.wrappers, self.span, self.feed, self.depth
        )

    def staged(self, position: PipePosition, feed: Feed | None) -> "Context":
        """The context of one stage of a pipeline."""
        pipes = (*self.pipes, position)
        return Context(self.embedded, self.inside, pipes, self.wrappers, self.span, feed, self.depth)


class Found:
    """One command found. Becomes a `Command` when the whole script has been walked and its order is known.

    `cwd` is the directory in which it runs, None where that is not known; `is_read`: it is a script whose text is
    walked. `raw` is what the code that it was given does, in its own words, `flows` which of these feeds which; `given`
    is what comes in through its own pipeline; `links` are those that the script made before it.
    """

    __slots__ = (
        "assignments",
        "cwd",
        "flows",
        "given",
        "inside",
        "is_known",
        "is_read",
        "links",
        "odd",
        "origin",
        "pipes",
        "program",
        "raw",
        "reading",
        "redirects",
        "span",
        "text",
        "words",
        "wrappers",
    )

    def __init__(
        self,
        words: tuple[Word, ...],
        program: str | None,
        text: str,
        span: tuple[int, int],
        context: Context,
        reading: Reading,
    ) -> None:
        self.words = words
        self.program = program
        self.text = text
        self.span = span
        self.reading = reading
        self.inside = context.inside
        self.pipes = context.pipes
        self.wrappers = context.wrappers
        self.redirects: tuple[Redirect, ...] = ()
        self.assignments: tuple[Assignment, ...] = ()
        self.origin = Origin.LITERAL
        self.cwd: Value | None = None
        self.raw: list[RawEffect] = []
        self.flows: list[tuple[int, int]] = []
        self.given: Printed | None = None
        self.is_known = False
        self.is_read = False
        self.links: tuple[tuple[str, str], ...] = ()
        self.odd = False
