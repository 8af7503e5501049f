"""Where code comes from: what a hole, a pipe or a redirection would hand to a shell."""

import re
from collections.abc import Iterable, Sequence

from security_hooks.catalogue.entry import Catalogue, Kind
from security_hooks.model.shell import Redirect
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.model.world import NOWHERE, World
from security_hooks.shell.context import Feed, Found
from security_hooks.shell.hosts import of_descriptor
from security_hooks.shell.state import Value

_LITERAL, _FILE, _DECODED, _NETWORK = Origin.LITERAL, Origin.FILE, Origin.DECODED, Origin.NETWORK
_FETCHER, _DECODER = Kind.FETCHER, Kind.DECODER
_COPIER = "cat"
_INPUTS = ("<", "<>", "<<", "<<-", "<<<", "<&")
_BOTH = (">&", "&>", "&>>")
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/(?:stdin|fd/([0-9]{1,5}))")
_MOST_PARTS = 4096
_MOST_DECODED = 64
_MOST_BEGINNING = 4096
_MOST_WRITTEN = 1 << 20
_REPEATED = re.compile(r"/(?:\.?/)+")
_UNREADABLE = (_NETWORK, _DECODED, Origin.UNKNOWN)


class Codes:
    """What the substitutions of a script would yield, by their text as written; what `exec` opened, by number;
    what the script itself wrote into files, by their base names; and the world, for files that were there before.
    `links` are the symbolic links that it made, `remotes` names that it gave to addresses, `programs` what it copied
    programs from, by the copies' base names; `producers` are the commands whose output a substitution is, `decoded`
    lines that decoders made, blanks joined; `fetched` directories with what came from the network, and whether these
    were made for it; `filtered` is how many bytes filters whose output was looked for went
    through.
    """

    __slots__ = (
        "decoded", "fetched", "files", "filtered", "links", "opened", "origins", "processes", "producers", "programs",
        "remotes", "world",
    )  # fmt: skip

    def __init__(self, world: World = NOWHERE) -> None:
        self.world = world
        self.producers: dict[str, list[Found]] = {}
        self.origins: dict[str, Origin] = {}
        self.processes: dict[str, Feed] = {}
        self.decoded: list[str] = []
        self.filtered = 0
        self.opened: dict[int, Feed] = {}
        self.files: dict[str, Feed] = {}
        self.links: tuple[tuple[str, str], ...] = ()
        self.fetched: tuple[tuple[str, bool], ...] = ()
        self.remotes: tuple[tuple[str, Word], ...] = ()
        self.programs: dict[str, Word] = {}

    def origin_of_output(self, found: Iterable[Found], catalogue: Catalogue, origin: Origin = Origin.UNKNOWN) -> Origin:
        """Where what these commands print comes from, given where what they read does; the network before all else."""
        if origin is _NETWORK:
            return origin
        for command in found:
            if command.origin is _NETWORK or _fetches(command.program, catalogue):
                return _NETWORK
            for wrapper in command.wrappers:
                if _fetches(wrapper.program, catalogue):
                    return _NETWORK
            spec = command.reading.spec
            if spec is not None and spec.kind is _DECODER:
                if not spec.decodes or not spec.decodes.isdisjoint(command.reading.options):
                    origin = _DECODED
            elif command.origin is _DECODED:
                origin = _DECODED
            elif command.program == _COPIER and command.reading.operands and not command.wrappers:
                origin = self._origin_of_files(command.reading.operands)
        return origin

    def _origin_of_files(self, words: Sequence[Word]) -> Origin:
        """Where what `cat` prints comes from: `cat x.sql | psql` runs what `psql < x.sql` does."""
        known = [word for word in words if word.literal is not None and descriptor_of(word) is None]
        files = [self.feed_of_file(word) for word in known if of_descriptor(word) is None]
        origins = {feed.origin for feed in files}
        if len(files) < len(words) or not origins <= {_FILE, _LITERAL}:
            return next((origin for origin in (_NETWORK, _DECODED) if origin in origins), Origin.UNKNOWN)
        return _FILE

    def origin_of_code(self, words: Sequence[Word]) -> Origin:
        """Where a text comes from that is given as words: LITERAL unless it begins with what is not known."""
        for word in words:
            for part in word.parts:
                if isinstance(part, Hole):
                    return self._origin_of_hole(part)
                if part.strip():
                    return _DECODED if self.decoded and self._was_decoded(words) else _LITERAL
        return _LITERAL

    def feed_of(self, redirects: Sequence[Redirect], descriptor: int = 0) -> Feed | None:
        """What redirections put on standard input, or on another descriptor; None if nothing."""
        for number in range(len(redirects) - 1, -1, -1):
            redirect = redirects[number]
            target = redirect.target
            is_input = redirect.operator in _INPUTS
            own = redirect.descriptor if redirect.descriptor is not None else 0 if is_input else 1
            if own != descriptor and not (own == 1 and descriptor == 2 and redirect.operator in _BOTH):
                continue
            if of_descriptor(target) is not None:
                # A socket is read and written, however it was opened.
                return Feed(None, Origin.NETWORK)
            if not is_input and (redirect.operator != ">&" or not (target.literal or "").rstrip("-").isdecimal()):
                continue
            if redirect.operator.startswith("<<"):
                return Feed((*target.parts, "\n"), self.origin_of_code((target,)))
            if redirect.operator not in ("<&", ">&"):
                copied = descriptor_of(target)
                if copied is None:
                    return self.feed_of_file(target)
            else:
                digits = (target.literal or "").rstrip("-")
                copied = int(digits) if digits.isdecimal() and len(digits) < 6 else None
                if copied is None:
                    return Feed(None, _FILE if target.literal == "-" else Origin.UNKNOWN)
            return self.feed_of_descriptor(redirects[:number], copied)
        return None

    def feed_of_descriptor(self, redirects: Sequence[Redirect], descriptor: int) -> Feed | None:
        """What can be read from an open descriptor; None for the standard input that was there before."""
        feed = self.feed_of(redirects, descriptor) or self.opened.get(descriptor)
        return feed if feed is not None or descriptor == 0 else Feed(None, Origin.UNKNOWN)

    def feed_of_file(self, word: Word) -> Feed:
        """What a file named by this word holds: a process substitution's output, what the script wrote there, or what
        nobody has read.
        """
        part = word.parts[0] if word.parts else ""
        if isinstance(part, Hole) and part.kind is HoleKind.PROCESS:
            return self.processes.get(part.source, Feed(None, Origin.UNKNOWN))
        written = self.files.get(file_name(word)) if self.files else None
        return Feed(None, _FILE) if written is None else written

    def write(self, word: Word, feed: Feed) -> None:
        """Note what goes into a file. What was there before may be there still: on another way, or before it."""
        name = file_name(word)
        old = self.files.get(name)
        if old is not None and old.text is not None and feed.text is not None:
            text = (*old.text, "\n", *feed.text)
            # Copies of copies double each time.
            fits = len(text) <= _MOST_PARTS and sum([len(part) for part in text if type(part) is str]) <= _MOST_WRITTEN
            origin = feed.origin if is_unreadable(feed.origin) else old.origin
            feed = Feed(text, origin) if fits else Feed(None, Origin.UNKNOWN)
        elif old is not None and old.text is None:
            feed = old
        self.files[name] = feed

    def note_decoded(self, text: Value) -> None:
        """Note a text that a decoder made, to tell it again where it is run."""
        for part in text:
            if isinstance(part, str):
                lines = [" ".join(line.split()) for line in part[:_MOST_BEGINNING].splitlines()]
                self.decoded += [line for line in lines if line][: _MOST_DECODED - len(self.decoded)]

    def _was_decoded(self, words: Sequence[Word]) -> bool:
        """Whether they begin with what a decoder made; what it made may have been split."""
        pieces: list[str] = []
        for word in words[:_MOST_BEGINNING]:
            pieces.append(" ")
            pieces += [
                part[:_MOST_BEGINNING] if isinstance(part, str) else "\0" for part in word.parts[:_MOST_BEGINNING]
            ]
        beginning = " ".join("".join(pieces)[:_MOST_BEGINNING].split())
        return any(beginning.startswith(line) for line in self.decoded)

    def _origin_of_hole(self, hole: Hole) -> Origin:
        if hole.kind is HoleKind.SUBSTITUTION:
            return self.origins.get(hole.source, Origin.UNKNOWN)
        return Origin.UNKNOWN


def _fetches(program: str | None, catalogue: Catalogue) -> bool:
    spec = catalogue.commands.get(program) if program else None
    return spec is not None and spec.kind is _FETCHER


def descriptor_of(word: Word) -> int | None:
    """The descriptor that this word names as a file, 0 for `-`; None if it is another file."""
    literal = word.literal
    if literal is None or literal == "-":
        return None if literal is None else 0
    found = _DESCRIPTOR.fullmatch(_REPEATED.sub("/", literal)) if literal[:1] == "/" else None
    return None if found is None else int(found[1] or 0)


def file_name(word: Word) -> str:
    """The base name that this word ends in, unknown parts as written: the same file by another path is the same."""
    name = "".join([part.source if isinstance(part, Hole) else part for part in word.parts])
    return name[name.rfind("/") + 1 :]


def is_unreadable(origin: Origin) -> bool:
    """Whether code from there is not known to anyone before it runs."""
    return origin in _UNREADABLE
