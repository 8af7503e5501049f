"""Predicates on what a call does to files: reads, writes, deletes, moves, changes of mode, and what it names."""

from security_hooks.dsl.marks import marks_of_kinds
from security_hooks.dsl.pathglobs import PathGlobs, path_globs
from security_hooks.dsl.predicates.effects import effects_of, every, shows, some
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    truth_of,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.event import Place
from security_hooks.model.shell import Facts
from security_hooks.model.word import Word

SCOPES = {
    "<project>": frozenset({Scope.PROJECT}),
    "<home>": frozenset({Scope.HOME}),
    "<system>": frozenset({Scope.SYSTEM}),
    "<temp>": frozenset({Scope.TEMP}),
    "<device>": frozenset({Scope.DEVICE}),
    "<elsewhere>": frozenset({Scope.ELSEWHERE}),
    "<outside>": frozenset({Scope.HOME, Scope.SYSTEM, Scope.DEVICE, Scope.ELSEWHERE}),
}
# Where the session works: the project's own directory, and the working directory.
_ROOT = "<root>"
_NAMES = EffectKind.NAMES
# With these a directory is gone, or under another name, or open to others, together with all that lies below it.
_TAKING = frozenset({EffectKind.DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE})
PATHS = frozenset({EffectKind.READS, EffectKind.WRITES, *_TAKING, _NAMES})


def _check(argument: str) -> str | None:
    if not argument.strip():
        return "is empty"
    if argument.startswith("<") and argument not in (_ROOT, *SCOPES):
        return f"is no scope: one of {', '.join((*SCOPES, _ROOT))}"
    if argument.startswith("~") and argument[1:2] not in ("", "/"):
        return "names a person's home: write `~/...` or `/home/NAME/...`"
    if any(piece in (".", "..") for piece in argument.split("/")):
        return "holds `.` or `..`: paths are compared after those are resolved"
    return None


class _Wanted:
    """The arguments of one predicate, compiled; without any, every path is wanted."""

    __slots__ = ("globs", "has_root", "is_every", "scopes")

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.is_every = not arguments
        self.scopes = frozenset[Scope]().union(*(SCOPES.get(argument, frozenset()) for argument in arguments))
        self.has_root = _ROOT in arguments
        written = [argument for argument in arguments if argument != _ROOT and argument not in SCOPES]
        self.globs: PathGlobs | None = path_globs(written) if written else None

    def truth(self, effect: Effect, facts: Facts) -> Truth:
        """Whether the effect is on a wanted path."""
        if self.is_every:
            return YES
        best = NO
        if self.scopes:
            if effect.scope in self.scopes:
                return YES
            best = UNKNOWN if effect.scope is Scope.UNKNOWN else NO
        if self.has_root:
            best = max(best, _of_root(effect, facts.call.place))
        if self.globs is None:
            return best
        home = facts.call.place.home
        if effect.target is None:
            return UNKNOWN
        best = max(best, _reached(effect, effect.target, self.globs, home))
        return best if effect.real is None else max(best, _reached(effect, effect.real, self.globs, home))

    def itself(self, effect: Effect, facts: Facts) -> Truth:
        """The same of the path alone, without what lies below it."""
        if self.is_every or effect.scope in self.scopes:
            return YES
        best = min(_of_root(effect, facts.call.place), UNKNOWN) if self.has_root else NO
        if self.scopes and effect.scope is Scope.UNKNOWN:
            best = UNKNOWN
        if self.globs is None or effect.target is None:
            return max(best, UNKNOWN) if effect.target is None else best
        home = facts.call.place.home
        truth = self.globs.itself(effect.target, home)
        # A link that leads elsewhere: both ends must be wanted.
        return max(best, truth if effect.real is None else min(truth, self.globs.itself(effect.real, home)))

    def is_sure(self, effect: Effect) -> bool:
        """Whether nothing else than what is wanted may be meant: `~/.ssh/*` may be more than `~/.ssh/*.pub`."""
        return (
            self.is_every
            or effect.scope in self.scopes
            or (effect.target is not None and effect.target.literal is not None)
        )


def _of_root(effect: Effect, place: Place) -> Truth:
    """Whether the effect is on the directory that the session works in, or on one above it with all below."""
    roots = [root for root in (place.project, place.cwd) if root is not None]
    path = effect.target.literal if effect.target is not None else None
    if path is None:
        return UNKNOWN
    if path in roots:
        return YES
    has_below = effect.recursive or effect.contents or effect.kind is EffectKind.MOVES
    return truth_of(has_below and any(root.startswith(f"{path.rstrip('/')}/") for root in roots))


def _reached(effect: Effect, word: Word, wanted: PathGlobs, home: str) -> Truth:
    if not (effect.recursive or effect.contents or effect.kind is EffectKind.MOVES):
        return wanted.itself(word, home)
    reach = wanted.reach(word, home)
    below = reach.below
    if below is YES and effect.kind not in _TAKING and not (reach.near and effect.kind is EffectKind.READS):
        # Much is read on the way through a large tree, and what is copied into a directory has names of its own.
        below = UNKNOWN
    if reach.anywhere and effect.kind is EffectKind.READS:
        below = max(below, UNKNOWN)
    return max(reach.itself, below)


def _predicate(
    kind: EffectKind, doc: str, *, name: str = "", unsure: bool = False, recursively: bool = False, asks: bool = False
) -> Predicate:
    """The predicate about effects of this kind; `unsure`: a path that is only named may be one of them."""
    kinds = frozenset({kind, _NAMES}) if unsure else frozenset({kind})

    def build(arguments: tuple[str, ...]) -> Matcher:
        wanted = _Wanted(arguments)

        def judge(effect: Effect, facts: Facts) -> Truth | None:
            if recursively and not (effect.recursive or effect.contents):
                return None
            truth = wanted.truth(effect, facts)
            return min(truth, UNKNOWN) if effect.kind is _NAMES else truth

        return some(kinds, judge)

    def build_sure(arguments: tuple[str, ...]) -> Matcher:
        wanted = _Wanted(arguments)

        def judge(effect: Effect, facts: Facts) -> Truth | None:
            if recursively and not (effect.recursive or effect.contents):
                return None
            truth = wanted.itself(effect, facts)
            return min(truth, UNKNOWN) if effect.kind is _NAMES or not wanted.is_sure(effect) else truth

        return every(kinds, judge)

    return Predicate(
        name or kind.value,
        _PARAMS,
        doc,
        build,
        shows(kinds),
        asks=asks,
        build_sure=build_sure,
        marks=lambda _arguments: marks_of_kinds(kinds),
        cost=Cost.TARGETS,
    )


def _build_names(arguments: tuple[str, ...]) -> Matcher:
    wanted = _Wanted(arguments)

    def match(facts: Facts) -> Truth:
        best = NO
        for effect in effects_of(facts):
            if effect.kind is _NAMES or (not effect.certain and effect.kind in PATHS):
                best = max(best, wanted.itself(effect, facts))
        return best if best is not NO or facts.command is not None else without_command(facts)

    return match


_PARAMS = Params("path", least=0, check=_check, usual=(*SCOPES, _ROOT))
_HOW = (
    "Paths are globs or scopes, see [the rules language](rules-language.md#paths); without one, any path. "
    "UNKNOWN where the path may be one of these, or the command does it only perhaps. "
)
_SURELY = "Where a YES would make the verdict looser, all that the command does of this kind must lie there."

READS = _predicate(
    EffectKind.READS,
    "The command or tool reads one of these files.\n\n"
    f"{_HOW}What is read on the way through a directory far above (`grep -r x ~`) is UNKNOWN. {_SURELY}",
    unsure=True,
)
WRITES = _predicate(
    EffectKind.WRITES,
    "The command or tool makes, overwrites or appends to one of these files.\n\n"
    f"{_HOW}What is copied into a directory has names of its own, so the files in it are UNKNOWN. {_SURELY}",
    unsure=True,
)
DELETES = _predicate(
    EffectKind.DELETES,
    "The command or tool deletes one of these files, or a directory that they lie in.\n\n"
    f"{_HOW}To delete all that a directory holds is to delete it; to move something away is not (`moves`). "
    f"What may lie anywhere (`*.pem`, `**/.env`) is not looked for below a directory. {_SURELY}",
    unsure=True,
)
DELETES_RECURSIVELY = _predicate(
    EffectKind.DELETES,
    "The command deletes one of these directories, or one that they lie in, with all that is below.\n\n"
    f"{_HOW}So does what deletes all that one of them holds (`rm ~/*`, `find ~ -delete`). {_SURELY}",
    name="deletes_recursively",
    recursively=True,
    asks=True,
)
MOVES = _predicate(
    EffectKind.MOVES,
    "The command moves one of these files away, or a directory that they lie in.\n\n"
    f"{_HOW}Where it goes is written. {_SURELY}",
)
CHANGES_MODE = _predicate(
    EffectKind.CHANGES_MODE,
    "The command changes the mode, the owner or the attributes of one of these files.\n\n"
    f"{_HOW}With all below a directory, those of the files in it. {_SURELY}",
    asks=True,
)
NAMES = Predicate(
    "names",
    _PARAMS,
    "The command or tool is given one of these paths, and nobody knows what it does with it.\n\n"
    "Where `reads` and its like answer UNKNOWN because an unknown program, an unknown option or unknown code names a "
    "path, this is YES; where it is known what is done with the path, NO. UNKNOWN where a path with an unknown part "
    "may be one of these.",
    _build_names,
    shows(PATHS),
    asks=False,
    marks=lambda _arguments: marks_of_kinds(PATHS),
    cost=Cost.TARGETS,
)
