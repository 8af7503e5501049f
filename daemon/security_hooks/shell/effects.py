"""A command found to its effects: what its arguments, redirections, variables and code do to the world."""

import re
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from security_hooks.catalogue.entry import Kind
from security_hooks.catalogue.role import Role
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.model.world import World
from security_hooks.shell.arguments import PATH_ROLES, note_argument, note_mention
from security_hooks.shell.context import Found
from security_hooks.shell.copying import note_copies, note_fetched, saved_names
from security_hooks.shell.effect_list import EffectList
from security_hooks.shell.hosts import of_descriptor
from security_hooks.shell.links import Linked
from security_hooks.shell.meaning import Argument, Meaning
from security_hooks.shell.paths import Value, resolve
from security_hooks.shell.words import word_of

_READS, _WRITES, _DELETES = EffectKind.READS, EffectKind.WRITES, EffectKind.DELETES
_READS_ENV, _MUTATES, _CONNECTS = EffectKind.READS_ENV, EffectKind.MUTATES, EffectKind.CONNECTS
_LITERAL, _PARAMETER = Origin.LITERAL, HoleKind.PARAMETER
_PRINTING = Action.TEXT
_CHDIR, _TEXT, _WRITE, _DATA = Role.CHDIR, Role.TEXT, Role.WRITE, Role.DATA
_REDIRECTS = {
    "<": (_READS,),
    "<>": (_READS, _WRITES),
    ">": (_WRITES,),
    ">>": (_WRITES,),
    ">|": (_WRITES,),
    "&>": (_WRITES,),
    "&>>": (_WRITES,),
    ">&": (_WRITES,),
}
_MUTATED = {
    **dict.fromkeys((Action.GIT_WRITE, Action.GIT_DISCARD, Action.GIT_HISTORY_REWRITE, Action.GIT_REMOTE_WRITE), "git"),
    **dict.fromkeys((Action.CONTAINER_WRITE, Action.CONTAINER_LIFECYCLE, Action.CONTAINER_DESTRUCTIVE), "container"),
    **dict.fromkeys((Action.CLOUD_WRITE, Action.CLOUD_DESTRUCTIVE), "cloud"),
    **dict.fromkeys((Action.DB_DESTRUCTIVE,), "database"),
    **dict.fromkeys((Action.SERVICE_WRITE, Action.SERVICE_DESTRUCTIVE), "service"),
    **dict.fromkeys((Action.SYSTEM_WRITE, Action.SYSTEM_DESTRUCTIVE), "system"),
}
_PATH_KINDS = frozenset((_READS, _WRITES, _DELETES, EffectKind.MOVES, EffectKind.CHANGES_MODE, EffectKind.NAMES))
# Languages whose own functions take `~` for the home directory.
_AT_HOME = frozenset(("r", "powershell", "tcl", "vim", "elisp"))
_INSTALLS = frozenset((Action.PACKAGE_INSTALL, Action.PACKAGE_RUN))
_SET = re.compile(r"\$\{\w+:?\+[^$`]*\}\Z")
_NAMED = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)")


def variable_of(hole: Hole) -> str | None:
    """The variable that a PARAMETER hole stands for; None where it is another parameter, and for `${X:+text}`, which
    says no more than that it is set.
    """
    if _SET.match(hole.source):
        return None
    name = _NAMED.match(hole.source)
    return None if name is None else name[1]


class Understood(msgspec.Struct, frozen=True, gc=False):
    """What a command does, what it means, and which of its effects feeds which."""

    effects: tuple[Effect, ...]
    meaning: Meaning
    flows: tuple[tuple[Effect, Effect], ...]


def understand(found: Found, place: Place, world: World) -> Understood:
    """What this command does, and what it means."""
    meaning = found.meaning
    if found.links:
        world = Linked(world, found.links)
    effects = EffectList(found, place, world)
    if found.redirects:
        _add_redirects(effects, found)
    _add_execution(effects, found)
    _add_variables(effects, found)
    arguments = meaning.arguments
    if arguments or meaning.deeds:
        _add_arguments(effects, meaning, found, place)
    _add_action(effects, meaning, arguments)
    flows = _add_code(effects, found) if found.raw else ()
    if found.written is not None:
        effects.made = [_holding(effect, found.written) for effect in effects.made]
    if effects.outputs:
        # What it prints goes there, whatever it reads.
        read = [effect for effect in effects.made if effect.kind in (_READS, _READS_ENV)]
        flows += tuple((source, sink) for source in read for sink in effects.outputs)
    return Understood(tuple(effects.made), meaning, flows)


def _add_arguments(effects: EffectList, meaning: Meaning, found: Found, place: Place) -> None:
    spec = found.reading.spec
    effects.recursive = meaning.recursive
    effects.narrowed = found.reading.narrowed
    language = spec.language if spec is not None else ""
    before = effects.cwd
    for argument in meaning.arguments:
        if argument.role is _CHDIR and argument.word.parts:
            effects.cwd = resolve(argument.word.parts, effects.cwd).parts
    mentions = meaning.action is not _PRINTING
    for argument in meaning.arguments:
        if argument.role is not _TEXT:
            note_argument(effects, argument, language)
        elif mentions:
            note_mention(effects, argument.word)
    if effects.cwd is not before and effects.cwd != before:
        # `tar -C DIR -f FILE`: some programs take an option's file from where they were started.
        after, effects.cwd = effects.cwd, before
        for argument in meaning.arguments[: len(found.reading.values)]:
            if argument.role in PATH_ROLES:
                note_argument(effects, Argument(argument.role, argument.word, False), language)
        effects.cwd = after
    if spec is not None:
        listed = set(map(id, found.reading.listed))
        copied = [each for each in meaning.arguments if id(each.word) not in listed] if listed else meaning.arguments
        note_copies(effects, spec, copied)
        note_fetched(effects, spec, found.reading, meaning.arguments)
    for deed, certain in meaning.deeds:
        word = word_of(_deed_target(deed.target, place), found.span)
        names = saved_names(spec, meaning) if deed.role is _WRITE and deed.target == "." else []
        for target in names or [word]:
            note_argument(effects, Argument(deed.role, target, certain), language)
    if effects.sends or (spec is not None and spec.stdin is _DATA and _has_input(found)):
        effects.made = [_sending(effect) for effect in effects.made]
    effects.recursive = effects.narrowed = False


def _holding(effect: Effect, text: str) -> Effect:
    """A write with what is written."""
    return replace(effect, content=Word((text,), (0, 0), text)) if effect.kind is _WRITES else effect


def _has_input(found: Found) -> bool:
    return any(r.operator[0] == "<" for r in found.redirects) or any(pipe.stage for pipe in found.pipes)


def _add_code(effects: EffectList, found: Found) -> tuple[tuple[Effect, Effect], ...]:
    """What the code that the command was given does; and which of that feeds which."""
    made: list[Effect | None] = []
    spec = found.reading.spec
    expands = spec is not None and spec.language in _AT_HOME
    for raw in found.raw:
        before = len(effects.made)
        word = word_of(raw.target, found.span) if raw.target else None
        if word is not None and (raw.kind is EffectKind.NAMES or expands):
            word = effects.at_home(word)
        if word is not None and raw.kind in _PATH_KINDS:
            effects.path(raw.kind, word, certain=raw.certain, recursive=raw.recursive, sends=raw.sends)
        else:
            content = word_of(raw.content, found.span) if raw.content is not None else None
            effects.other(raw.kind, word, certain=raw.certain, sends=raw.sends, content=content, object=raw.object)
        made.append(effects.made[-1] if len(effects.made) > before else None)
    if any(raw.sends and raw.kind is _READS for raw in found.raw):
        effects.made = [_sending(effect) for effect in effects.made]
    pairs = ((made[source], made[sink]) for source, sink in found.flows)
    return tuple((source, sink) for source, sink in pairs if source is not None and sink is not None)


def _add_action(effects: EffectList, meaning: Meaning, arguments: Iterable[Argument]) -> None:
    """What the action as a whole does to what no path names: packages, objects."""
    action = meaning.action
    if action in _INSTALLS:
        for argument in arguments:
            if argument.role is Role.PACKAGE:
                effects.other(EffectKind.INSTALLS, argument.word, certain=argument.certain)
        return
    category = _MUTATED.get(action)
    if category is None:
        return
    objects = [argument for argument in arguments if argument.role is Role.OBJECT]
    for argument in objects:
        effects.other(_MUTATES, argument.word, certain=argument.certain, object=category)
    if not objects:
        effects.other(_MUTATES, object=category)


def _add_redirects(effects: EffectList, found: Found) -> None:
    for redirect in found.redirects:
        kinds = _REDIRECTS.get(redirect.operator)
        target = redirect.target
        if kinds is None or (redirect.operator == ">&" and (target.literal or "-").rstrip("-").isdigit()):
            continue
        host = of_descriptor(target)
        if host is not None:
            effects.connect(host, sends=kinds != (_READS,))
            if found.reading.spec is not None and found.reading.spec.kind is Kind.SHELL and found.words:
                # Whoever is at the other end types to it, or sees what it prints.
                effects.other(EffectKind.EXECUTES, found.words[0], origin=Origin.NETWORK)
            effects.outputs += effects.made[-1:] if kinds != (_READS,) else []
            continue
        if not (redirect.operator == ">&" and target.literal in (None, "-")):
            for kind in kinds:
                effects.path(kind, target, sends=kind is _READS)


def _add_execution(effects: EffectList, found: Found) -> None:
    """Code from elsewhere than the words themselves, and programs that are named by their path."""
    name = found.words[0] if found.words else None
    if name is not None and name.literal is not None and "/" in name.literal:
        origin = Origin.FILE if found.origin is _LITERAL else found.origin
        effects.program(resolve(name.parts, effects.cwd, name.span), origin)
    elif found.origin is not _LITERAL:
        spec = found.reading.spec
        language = spec.language if spec is not None else ""
        effects.other(EffectKind.EXECUTES, name, origin=found.origin, object=language)


def _add_variables(effects: EffectList, found: Found) -> None:
    for assignment in found.assignments:
        effects.other(
            EffectKind.SETS_ENV, Word((assignment.name,), found.span, assignment.name), content=assignment.value
        )
    holes = found.holes
    for name in _variables(holes) if holes else ():
        effects.other(_READS_ENV, Word((name,), found.span, name))


def _variables(holes: Iterable[Hole]) -> dict[str, None]:
    """The names of the variables whose values are not known and stand in the words, in order."""
    names: dict[str, None] = {}
    for hole in holes:
        if hole.kind is _PARAMETER:
            name = variable_of(hole)
            if name is not None:
                names[name] = None
    return names


def _sending(effect: Effect) -> Effect:
    if effect.kind is not _CONNECTS or effect.sends:
        return effect
    return replace(effect, sends=True)


def _deed_target(target: str, place: Place) -> Value:
    if target == "~" or target.startswith("~/"):
        return (place.home + target[1:],)
    return (target,)
