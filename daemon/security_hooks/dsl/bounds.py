"""Where a session may work: entries of `[scope]`, compiled for one place, and asked about paths and hosts.

An entry is a file, or a directory with all below it, or a glob; one that begins with `!` is excepted, inside of another
as well. A relative one is seen from the project, `~` is the home directory of the call. A path is judged by where it
leads once links are followed, excepted entries by the path as it is written, too.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from posixpath import join, normpath

from security_hooks.dsl.globs import escaped, has_special, is_literal
from security_hooks.dsl.pathglobs import PathGlobs, at_home, path_globs
from security_hooks.dsl.shellglobs import found_by
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.shell import LOOKED, CallFacts
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.model.world import Entry
from security_hooks.shell.paths import TEMPORARY, beginning
from security_hooks.shell.supplied import ALL_BELOW, SOME_BELOW

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES

EXCEPTED = "!"
# What belongs to every scope: where everybody puts what is not to stay, the clients' plans among it.
ALWAYS = (*TEMPORARY, "~/.claude/plans", "~/.gemini/tmp")
# Directories of which `~` in a glob would mean those of other people as well.
_NOBODY = "\0"
_TAKING = frozenset({EffectKind.DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE})
_ITSELF = frozenset({EffectKind.DELETES, EffectKind.MOVES})
_LINKING = frozenset({"ln", "gln", "link"})
_BELOW = frozenset({HoleKind.GLOB, HoleKind.ARITHMETIC})
_NUMBERS = frozenset(
    {"$$", "$?", "$#", "$!", "$RANDOM", "$PPID", "$UID", "$EUID", "$SECONDS", "$EPOCHSECONDS", "$LINENO"}
)
_MADE_UP = re.compile(r"X{3,}|\$\(date(?: -u)? [\"']?\+[\w%:,+-]+[\"']?\)")
_ALL = Hole(HoleKind.GLOB, "*")
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Bounds:
    """`allowed` is None where everything is that is not denied: `named` are the denied entries without globs in them,
    `globbed` the others. `tops` are the directories that allowed entries begin in, `roots` those of them that lie in
    no other; not `is_whole` where an entry cannot be placed.
    """

    allowed: PathGlobs | None
    named: PathGlobs | None
    globbed: PathGlobs | None
    tops: tuple[str, ...]
    roots: tuple[str, ...]
    home: str
    is_whole: bool

    def outside(self, effect: Effect, call: CallFacts) -> Truth:
        """Whether what the effect is on lies outside."""
        target = effect.target
        if target is None:
            return UNKNOWN
        if effect.kind is EffectKind.NAMES and _is_no_path(effect, call):
            return NO
        where = target if effect.real is None else effect.real
        beyond = self._beyond(where)
        if beyond is YES and effect.real is not None and self._beyond(target) is NO and self._is_root(where, call):
            beyond = NO
        beyond = max(beyond, UNKNOWN if effect.unresolved else NO)
        denied = self._denied(target, effect, call)
        if effect.real is not None:
            denied = max(denied, self._denied(effect.real, effect, call))
        named = Word((*target.parts, "/", _ALL), target.span, None) if effect.contents else target
        if beyond is NO and where.literal is None and any(map(_is_glob, target.parts)):
            return self._found(named, effect, call, denied)
        if beyond is NO and effect.kind not in _ITSELF:
            if effect.contents:
                return max(denied, self._found(named, effect, call, denied))
            if target.literal is not None and has_special(target.literal):
                # Behind `>` bash takes a glob for the one file that it finds.
                return max(denied, self._found(_as_globs(target.literal), effect, call, denied))
        return max(beyond, denied)

    def _beyond(self, path: Word) -> Truth:
        if self.allowed is None:
            return NO
        if path.literal is not None:
            return NO if self._holds(path.literal) else self._sure()
        begun = beginning(path)
        if begun is None:
            return UNKNOWN
        if self._holds(begun[0]):
            # `src/$X` may be `src/../../x`; what the shell or `find` puts there is below.
            return NO if all(map(_stays_below, path.parts)) else UNKNOWN
        if any(top == begun[0] or top.startswith(begun[0] + "/") for top in self.tops):
            return UNKNOWN
        return self._sure()

    def _is_root(self, path: Word, call: CallFacts) -> bool:
        """Whether the path lies where an entry is once the links above it are followed (`/home` may be one). Links in
        an entry, or the entry itself, count for nothing: those a session may make.
        """
        begun = (path.literal, "") if path.literal is not None else beginning(path)
        if begun is None:
            return False
        call.memo[LOOKED] = True
        for root in self.roots:
            above, _, name = root.rpartition("/")
            real = call.world.real(above) if above else None
            if real is not None and real != above:
                place = f"{real.rstrip('/')}/{name}"
                if begun[0] == place or begun[0].startswith(place + "/"):
                    return all(map(_stays_below, path.parts))
        return False

    def _holds(self, path: str) -> bool:
        return self.allowed is not None and self.allowed.itself(_known(path), _NOBODY) is YES

    def _sure(self) -> Truth:
        return YES if self.is_whole else UNKNOWN

    def _denied(self, path: Word, effect: Effect, call: CallFacts) -> Truth:
        worst = self._denies(path)
        if worst is not YES and (effect.recursive or effect.contents):
            takes = effect.kind in _TAKING
            if self.named is not None:
                below = self.named.reach(path, self.home).below
                worst = max(worst, below if takes else min(below, UNKNOWN))
            if worst is NO and self.globbed is not None and self.globbed.reach(path, self.home).below is not NO:
                worst = NO if _is_empty(path, call) else UNKNOWN
        return worst

    def _denies(self, path: Word) -> Truth:
        """The same of the path alone; of what has holes in it, nobody is sure."""
        worst = NO
        for denied in (self.named, self.globbed):
            if denied is not None:
                worst = max(worst, denied.itself(path, self.home))
        return worst if path.literal is not None else min(worst, UNKNOWN)

    def _found(self, path: Word, effect: Effect, call: CallFacts, denied: Truth) -> Truth:
        """The same of what globs stand for: there may be links among it, and denied ones."""
        last = path.parts[-1]
        is_in_name = sum(map(_is_glob, path.parts)) == 1 and (_is_glob(last) or "/" not in str(last))
        if effect.kind in _ITSELF and is_in_name and denied is NO:
            # The links themselves are taken, and the directory that they are in was looked at.
            return NO
        if call.script is not None and any(command.program in _LINKING for command in call.script.commands):
            return UNKNOWN
        call.memo[LOOKED] = True
        found = found_by(path, call.world)
        if found is None:
            return UNKNOWN
        worst = NO
        for name in found:
            directory, _, itself = name.rpartition("/")
            real = call.world.real(directory or "/") if effect.kind in _ITSELF else call.world.real(name)
            if real is None:
                worst = max(worst, UNKNOWN)
                continue
            place = f"{real.rstrip('/')}/{itself}" if effect.kind in _ITSELF else real
            worst = max(worst, self._beyond(_known(place)), self._denied(_known(name), effect, call))
            worst = max(worst, self._denied(_known(place), effect, call))
        return worst


def bounds_of(entries: tuple[str, ...], project: str | None, home: str) -> Bounds:
    """Compile entries for calls in a project; the same ones again are the same object."""
    return _compiled(entries, project, home)


@lru_cache(maxsize=_MOST_KEPT)
def _compiled(entries: tuple[str, ...], project: str | None, home: str) -> Bounds:
    given = [entry for entry in entries if not entry.startswith(EXCEPTED)]
    excepted = [entry[1:] for entry in entries if entry.startswith(EXCEPTED)]
    allowed = [_placed(entry, project, home) for entry in (*given, *ALWAYS)] if given else []
    denied = [_placed(entry, project, home) for entry in excepted]
    kept = [entry for entry in allowed if entry is not None]
    tops = tuple(dict.fromkeys(map(_top, kept)))
    own = kept[: len(kept) - len(ALWAYS)] if given else []
    gone = [at_home(entry, home) for entry in denied if entry is not None]
    return Bounds(
        _globs_of(kept) if given else None,
        _globs_of([entry for entry in gone if is_literal(entry)]),
        _globs_of([entry for entry in gone if not is_literal(entry)]),
        tops,
        tuple(entry for entry in own if is_literal(entry) and not any(entry.startswith(f"{top}/") for top in tops)),
        home,
        None not in allowed and None not in denied,
    )


def _placed(entry: str, project: str | None, home: str) -> str | None:
    """The entry as an absolute glob; None where nobody knows what it is relative to."""
    if entry == "~" or entry.startswith("~/"):
        return normpath(escaped(home) + entry[1:])
    if entry.startswith("/"):
        return normpath(entry)
    return None if project is None else normpath(join(escaped(project), entry))


def _globs_of(entries: list[str]) -> PathGlobs | None:
    return path_globs(glob for entry in entries for glob in (entry, f"{entry.rstrip('/')}/**")) if entries else None


def _top(entry: str) -> str:
    pieces = entry.split("/")
    while not is_literal("/".join(pieces)):
        pieces.pop()
    return "/".join(pieces)


def _stays_below(part: "str | Hole") -> bool:
    """Whether what stands here climbs out of no directory: text, a glob, what `find` comes upon, numbers, dates, and
    the names that `mktemp` makes up.
    """
    if isinstance(part, str) or part.kind in _BELOW or part in (SOME_BELOW, ALL_BELOW):
        return True
    return part.source in _NUMBERS or _MADE_UP.fullmatch(part.source) is not None


def _is_glob(part: "str | Hole") -> bool:
    return isinstance(part, Hole) and part.kind is HoleKind.GLOB


def _as_globs(path: str) -> Word:
    # To bash, unless it is told otherwise, `**` is `*`; to a tool it is what a tree holds.
    names = path.replace("**", "*").split("/")
    globs = [Hole(HoleKind.GLOB, name) if has_special(name) else name for name in names]
    return Word(tuple(part for name in globs for part in ("/", name))[1:], (0, 0), None)


def _is_no_path(effect: Effect, call: CallFacts) -> bool:
    """Whether what looks like a path to a program that nobody knows is another name (`/aws/lambda/api`): there is
    nothing on the disk where it would begin.
    """
    literal = None if effect.target is None else effect.target.literal
    if literal is None or effect.scope is not Scope.ELSEWHERE:
        return False
    call.memo[LOOKED] = True
    return call.world.kind("/".join(literal.split("/")[:2])) is Entry.MISSING


def _is_empty(path: Word, call: CallFacts) -> bool:
    """Whether nothing lies below it, as far as the disk says."""
    call.memo[LOOKED] = True
    return path.literal is not None and call.world.kind(path.literal) in (Entry.FILE, Entry.OTHER, Entry.MISSING)


def _known(path: str) -> Word:
    return Word((path,), (0, 0), path)
