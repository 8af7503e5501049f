"""What surrounds the command being looked at, and what is noted of each command found."""

from collections.abc import Sequence
from operator import attrgetter
from typing import TypeAlias

import msgspec

from security_hooks.model.shell import Assignment, PipePosition, Redirect, Wrapper
from security_hooks.model.word import Hole, Origin, Word
from security_hooks.shell.inline.reading import RawEffect
from security_hooks.shell.meaning import Meaning, meaning_of
from security_hooks.shell.options import Reading
from security_hooks.shell.printed import Printed
from security_hooks.shell.state import Value

_LITERAL = attrgetter("literal")


class Feed(msgspec.Struct, frozen=True, gc=False):
    """What comes in on standard input: its text where that is known, else where it comes from."""

    text: Value | None
    origin: Origin


class Context(msgspec.Struct, frozen=True, gc=False):
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
        return Context(
            self.embedded, (*self.inside, construct), self.pipes, self.wrappers, self.span, self.feed, self.depth
        )

    def staged(self, position: PipePosition, feed: Feed | None) -> "Context":
        """The context of one stage of a pipeline."""
        pipes = (*self.pipes, position)
        return Context(self.embedded, self.inside, pipes, self.wrappers, self.span, feed, self.depth)


class Found(msgspec.Struct, eq=False, gc=False):
    """One command found. Becomes a `Command` when the whole script has been walked and its order is known.

    `cwd` is the directory in which it runs, None where that is not known; `is_read`: it is a script whose text is
    walked. `raw` is what the code that it was given does, in its own words, `flows` which of these feeds which; `given`
    is what comes in through its own pipeline, `output` what prints the output of the code that it runs;
    `links` are those that the script made before it, `remotes` the addresses that it gave a name to; `written` is what
    goes into the files that it prints to, where that is known whole.
    """

    words: tuple[Word, ...]
    program: str | None
    text: str
    span: tuple[int, int]
    reading: Reading
    inside: tuple[str, ...]
    pipes: tuple[PipePosition, ...]
    wrappers: tuple[Wrapper, ...]
    redirects: tuple[Redirect, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    cwd: Value | None = None
    is_known: bool = False
    is_read: bool = False
    odd: bool = False
    origin: Origin = Origin.LITERAL
    raw: list[RawEffect] = []
    flows: list[tuple[int, int]] = []
    given: Printed | None = None
    output: "Output" = None
    links: tuple[tuple[str, str], ...] = ()
    remotes: tuple[tuple[str, Word], ...] = ()
    written: str | None = None
    _meaning: Meaning | None = None
    _holes: Sequence[Hole] | None = None

    @property
    def holes(self) -> Sequence[Hole]:
        """What is not known of the words, of redirections' targets and of assigned values: looked for once."""
        if self._holes is None:
            words: list[Word] = []
            if None in map(_LITERAL, self.words):
                words += [word for word in self.words if word.literal is None]
            if self.redirects:
                words += [redirect.target for redirect in self.redirects if redirect.target.literal is None]
            if self.assignments:
                words += [assignment.value for assignment in self.assignments if assignment.value.literal is None]
            self._holes = [part for word in words for part in word.parts if type(part) is Hole] if words else ()
        return self._holes

    @property
    def meaning(self) -> Meaning:
        """What its words mean by the catalogue: looked up once, and not before `is_known` is settled."""
        if self._meaning is None:
            self._meaning = meaning_of(self.reading, self.words, is_known=self.is_known)
        return self._meaning


class Several(msgspec.Struct, frozen=True, gc=False):
    """What several commands print, one after the other. Where it is not `sure`, perhaps only some of them run, or in
    another order, or more than once.
    """

    outputs: "tuple[Output, ...]"
    sure: bool


# What prints the output of a piece of a script: a command, several, or nobody knows. Worked out only where it is asked
# for: most output is not code.
Output: TypeAlias = Found | Several | None
NOTHING = Several((), sure=True)
