"""The effects of one command as they are found: words become paths, seen from where the command works."""

import re
from posixpath import normpath

from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, Origin, Word
from security_hooks.model.world import World
from security_hooks.shell.context import Found
from security_hooks.shell.hosts import Target, has_scheme, of_url
from security_hooks.shell.links import Linked
from security_hooks.shell.paths import Value, beginning, directory_of_all, is_nothing, led_to, resolve, scope_of
from security_hooks.shell.supplied import ALL_BELOW, SOME_BELOW
from security_hooks.shell.words import word_of

_READS = EffectKind.READS
_TAKING_AWAY = frozenset((EffectKind.DELETES, EffectKind.MOVES))
_GLOBBED = re.compile(r"[*?\[].*/\.\.")
_TAKING_ALL = frozenset((EffectKind.DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE, EffectKind.WRITES))


def _something_in(place: Word) -> Word:
    return word_of((*place.parts, "/", SOME_BELOW), place.span)


def _normal(path: str | None) -> str | None:
    """The path without the `..` of what a world knows nothing of."""
    return None if path is None else normpath(path)


def _climbs_surely(word: Word) -> bool:
    """Whether no `..` stands behind what is not known, or may be a glob: what lies above that only the disk can say."""
    known = "".join([part if isinstance(part, str) else "*" for part in word.parts])
    return "/.." not in known or not _GLOBBED.search(known)


class EffectList:
    """The effects of one command, as they are found."""

    def __init__(self, found: Found, place: Place, world: World) -> None:
        self.place = place
        self.world = world
        self.remote = False
        self.root: Word | None = None
        if found.wrappers:
            self.remote = any(wrapper.remote for wrapper in found.wrappers)
            self.root = next((wrapper.root for wrapper in reversed(found.wrappers) if wrapper.root is not None), None)
        self.cwd: Value | None = None if self.remote else found.cwd
        self.made: list[Effect] = []
        self.recursive = False
        self.narrowed = False
        self.sends = False
        self.outputs: list[Effect] = []
        self.remotes = found.remotes

    def at_home(self, word: Word) -> Word:
        """The word with a leading `~/` expanded, as many programs do with what the shell left alone."""
        first = word.parts[0] if word.parts else ""
        if not isinstance(first, str) or not (first.startswith("~/") or word.literal == "~"):
            return word
        return word_of((self.place.home + first[1:], *word.parts[1:]), word.span)

    def path(
        self, kind: EffectKind, word: Word, *, certain: bool = True, recursive: bool = False, sends: bool = False
    ) -> None:
        """An effect on the file that this word names."""
        if not word.parts or word.literal == "-":
            return
        first = word.parts[0]
        if type(first) is str and "://" in first and has_scheme(first):
            # What takes a file often takes a URL as well.
            target = of_url(word)
            if target.host is not None:
                self.connect(target, certain=certain, sends=kind is EffectKind.WRITES)
                return
            word = target.path or word
        last = word.parts[-1]
        if type(last) is Hole and last in (SOME_BELOW, ALL_BELOW) and len(word.parts) > 1:
            # What `find -exec` puts there: all of the place that is searched, or something in it.
            searched = word_of(word.parts[:-1], word.span)
            if last == ALL_BELOW or kind in (_READS, EffectKind.NAMES):
                word, recursive = searched, True
            else:
                word = _something_in(searched)
        if self.narrowed and kind is EffectKind.DELETES:
            word = _something_in(word)
        path = resolve(word.parts, self.cwd, word.span)
        if self.root is not None and self.root.literal != "/":
            path = resolve((*self.root.parts, *path.parts), None, word.span)
        if is_nothing(path):
            return
        if type(word.parts[0]) is str and word.parts[0][0] == "@" and kind is _READS:
            # Many programs read more arguments from such a file.
            self.path(EffectKind.NAMES, word_of((word.parts[0][1:], *word.parts[1:]), word.span), certain=False)
        contents = False
        if kind in _TAKING_ALL and path.literal is None:
            directory = directory_of_all(path)
            if directory is not None:
                path, contents = directory, True
        real, is_resolved = None, True
        if path.literal is not None:
            # A link that is deleted or moved leaves alone what it leads to; but not one that is named as a directory.
            itself = kind in _TAKING_AWAY and not contents and not str(word.parts[-1]).endswith("/")
            linked = self.world if itself and isinstance(self.world, Linked) else None
            look = self.world.real if linked is None else linked.itself
            unclimbed = self._unclimbed(word)
            followed = path.literal if unclimbed is None else _normal(look(unclimbed))
            # Of a directory that is not there yet, `..` is where it will stand.
            followed = look(path.literal) if followed == path.literal else followed
            real, is_resolved = led_to(path, followed), followed is not None and _climbs_surely(word)
        elif not self.remote:
            real, is_resolved = self._led_from(path, word)
        self.made.append(
            Effect(
                kind,
                path,
                self._scope(path, real),
                certain,
                recursive or self.recursive,
                contents,
                sends,
                real=real,
                remote=self.remote,
                unresolved=not is_resolved,
            )
        )

    def _unclimbed(self, word: Word) -> str | None:
        """The path as the kernel takes it, where that is not the same: above a link lies what it leads to."""
        first = word.parts[0]
        if type(first) is not str or ".." not in first or self.root is not None:
            return None
        if first[0] == "/":
            return first
        here = self.cwd[0] if self.cwd is not None and len(self.cwd) == 1 else None
        return f"{here}/{first}" if type(here) is str else None

    def _led_from(self, path: Word, word: Word) -> tuple[Word | None, bool]:
        """Where a path that is not known whole leads once links in its known beginning are followed, and whether that
        can be said.
        """
        begun = beginning(path)
        if begun is None or not _climbs_surely(word):
            return None, begun is None
        unclimbed = self._unclimbed(word)
        followed = _normal(self.world.real(begun[0] if unclimbed is None else unclimbed.rpartition("/")[0] or "/"))
        if followed is None or followed == begun[0]:
            return None, followed is not None
        return word_of((followed.rstrip("/") + begun[1], *path.parts[1:]), path.span), True

    def program(self, path: Word, origin: Origin) -> None:
        """A program that is run by its path."""
        real = led_to(path, self.world.real(path.literal)) if path.literal is not None else None
        scope = self._scope(path, real)
        self.made.append(Effect(EffectKind.EXECUTES, path, scope, origin=origin, real=real, remote=self.remote))

    def _scope(self, path: Word, real: Word | None) -> Scope:
        return Scope.ELSEWHERE if self.remote else scope_of(path if real is None else real, self.place)

    def connect(self, target: Target, *, certain: bool = True, sends: bool = False) -> None:
        """A connection to the host that a word names."""
        self.other(EffectKind.CONNECTS, target.host, certain=certain, sends=sends, object=target.port)

    def other(
        self,
        kind: EffectKind,
        target: Word | None = None,
        *,
        certain: bool = True,
        sends: bool = False,
        origin: Origin = Origin.LITERAL,
        object: str = "",  # noqa: A002 - the field's name
        content: Word | None = None,
    ) -> None:
        """An effect on something that is no file."""
        self.made.append(
            Effect(
                kind,
                target,
                certain=certain,
                sends=sends,
                origin=origin,
                object=object,
                remote=self.remote,
                content=content,
            )
        )
