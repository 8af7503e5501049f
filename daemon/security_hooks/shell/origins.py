"""Where code comes from: what a hole, a pipe or a redirection would hand to a shell."""

from collections.abc import Iterable, Sequence

from security_hooks.catalogue.entry import Catalogue, Kind
from security_hooks.model.shell import Hole, HoleKind, Origin, Redirect, Word
from security_hooks.shell.context import Feed, Found

_INPUTS = ("<", "<>", "<<", "<<-", "<<<")
_UNREADABLE = (Origin.NETWORK, Origin.DECODED, Origin.UNKNOWN)


class Codes:
    """What the substitutions of a script would yield, by their text as written."""

    __slots__ = ("origins", "processes")

    def __init__(self) -> None:
        self.origins: dict[str, Origin] = {}
        self.processes: dict[str, Feed] = {}

    def origin_of_output(self, found: Iterable[Found], catalogue: Catalogue, origin: Origin = Origin.UNKNOWN) -> Origin:
        """Where what these commands print comes from, given where what they read does; the network before all else."""
        if origin is Origin.NETWORK:
            return origin
        for command in found:
            names = (command.program, *(wrapper.program for wrapper in command.wrappers))
            specs = [catalogue.commands.get(name) for name in names if name]
            if (
                any(spec is not None and spec.kind is Kind.FETCHER for spec in specs)
                or command.origin is Origin.NETWORK
            ):
                return Origin.NETWORK
            spec = command.reading.spec
            if spec is not None and spec.kind is Kind.DECODER:
                if not spec.decodes or not spec.decodes.isdisjoint(command.reading.options):
                    origin = Origin.DECODED
            elif command.origin is Origin.DECODED:
                origin = Origin.DECODED
        return origin

    def origin_of_code(self, words: Sequence[Word]) -> Origin:
        """Where a text comes from that is given as words: LITERAL unless it begins with what is not known."""
        for word in words:
            for part in word.parts:
                if isinstance(part, Hole):
                    return self._origin_of_hole(part)
                if part.strip():
                    return Origin.LITERAL
        return Origin.LITERAL

    def feed_of(self, redirects: Sequence[Redirect]) -> Feed | None:
        """What redirections put on standard input; None if nothing."""
        for redirect in reversed(redirects):
            if redirect.descriptor not in (None, 0) or redirect.operator not in _INPUTS:
                continue
            if redirect.operator.startswith("<<"):
                return Feed((*redirect.target.parts, "\n"), self.origin_of_code((redirect.target,)))
            return self.feed_of_file(redirect.target)
        return None

    def feed_of_file(self, word: Word) -> Feed:
        """What a file named by this word holds: a process substitution's output, or what nobody has read."""
        part = word.parts[0] if word.parts else ""
        if isinstance(part, Hole) and part.kind is HoleKind.PROCESS:
            return self.processes.get(part.source, Feed(None, Origin.UNKNOWN))
        return Feed(None, Origin.FILE)

    def _origin_of_hole(self, hole: Hole) -> Origin:
        if hole.kind is HoleKind.SUBSTITUTION:
            return self.origins.get(hole.source, Origin.UNKNOWN)
        return Origin.UNKNOWN


def is_unreadable(origin: Origin) -> bool:
    """Whether code from there is not known to anyone before it runs."""
    return origin in _UNREADABLE
