"""What one argument does to the world, by its role."""

import re
from collections.abc import Callable

from msgspec.structs import replace

from security_hooks.catalogue.role import Role
from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, HoleKind, Origin, Word
from security_hooks.shell.effect_list import EffectList
from security_hooks.shell.hosts import Target, has_scheme, of_host, of_remote, of_url, taken_from
from security_hooks.shell.inline import read_mentions
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.meaning import Argument
from security_hooks.shell.paths import resolve
from security_hooks.shell.words import word_of

_READS, _WRITES = EffectKind.READS, EffectKind.WRITES
_UPLOAD = Role.UPLOAD
PATH_ROLES = {
    Role.READ: (_READS,),
    Role.WRITE: (_WRITES,),
    Role.EDIT: (_READS, _WRITES),
    Role.DELETE: (EffectKind.DELETES,),
    Role.MOVE: (EffectKind.MOVES,),
    Role.MODE: (EffectKind.CHANGES_MODE,),
    _UPLOAD: (_READS,),
}
# A path within a word that means something only to the program: `key=/etc/passwd`, `@~/x`, `mode:./file`.
_WITHIN = re.compile(r"[=:@,<](?=~?/(?!/)|\.\.?/)")
# `type=bind,source=/x,target=/y`
_STRANGE = frozenset(" {}<>|;()\"'`\n")
_TAKEN_OVER = re.compile(r"(?<!\\)&|\\\d")
_MOST_RENAMES = 64
_SOURCE = re.compile(r"(?:\A|,)(?:source|src|file|path|dest)=")


def note_argument(effects: EffectList, argument: Argument, language: str) -> None:
    """Note what one argument of a role does."""
    role, word, certain = argument.role, argument.word, argument.certain
    if role is None:
        _name(effects, word)
        return
    kinds = PATH_ROLES.get(role)
    if kinds is not None:
        if word.literal is not None and not _STRANGE.isdisjoint(word.literal):
            _name_within(effects, word)
        for kind in kinds:
            effects.path(kind, word, certain=certain, sends=role is _UPLOAD)
        effects.sends = effects.sends or role is _UPLOAD
        return
    handler = _ROLES.get(role)
    if handler is not None:
        handler(effects, argument, language)


def _name_within(effects: EffectList, word: Word) -> None:
    """A word that should be a path and does not look like one: the paths in it, since it may be code."""
    for effect in read_mentions(word.parts, Budget(ShellLimits())).effects:
        effects.path(EffectKind.NAMES, word_of(effect.target, word.span), certain=False)


def _name(effects: EffectList, word: Word) -> None:
    """A word of which nobody knows what it means: the path that it may name."""
    first = word.parts[0] if word.parts else ""
    if isinstance(first, str) and has_scheme(first):
        target = of_url(word)
        if target.host is not None:
            effects.connect(target, certain=False)
        else:
            effects.path(EffectKind.NAMES, target.path or word, certain=False)
        return
    effects.path(EffectKind.NAMES, effects.at_home(word), certain=False)
    found = _WITHIN.search(first) if isinstance(first, str) else None
    if found is not None and isinstance(first, str):
        within = word_of((first[found.end() :], *word.parts[1:]), word.span)
        effects.path(EffectKind.NAMES, effects.at_home(within), certain=False)


def note_mention(effects: EffectList, word: Word) -> None:
    """A word that should mean nothing to the world, but that is an absolute path or has one behind a mark: programs
    take files in more ways than anybody has written down (`@FILE`, `file:FILE`, `src=FILE,dst=X`).
    """
    first = word.parts[0] if word.parts else ""
    if not isinstance(first, str) or "/" not in first or " " in first or "\n" in first:
        return
    start = 0
    if first[0] != "/" and not first.startswith("~/"):
        found = _WITHIN.search(first)
        if found is None or first[found.end()] not in "/~":
            return
        start = found.end()
    comma = first.find(",", start)
    parts = (first[start:], *word.parts[1:]) if comma < 0 else (first[start:comma],)
    _name(effects, word_of(parts, word.span))


def _write_renamed(effects: EffectList, argument: Argument, _language: str) -> None:
    r"""`s/PATTERN/NAME/`: files get that name; what stands for a part of the old one (`&`, `\1`) is not known."""
    # A shell leaves a pattern as it is that fits no file.
    parts = [part.source if type(part) is Hole and part.kind is HoleKind.GLOB else part for part in argument.word.parts]
    first = "".join([part for part in parts if isinstance(part, str)])
    if first[:1] != "s" or any(isinstance(part, Hole) for part in parts):
        effects.path(_WRITES, Word((Hole(HoleKind.OTHER, "..."),), argument.word.span, None), certain=False)
        return
    for expression in first.split(";")[:_MOST_RENAMES]:
        mark = re.escape(expression[1:2])
        found = re.match(rf"s{mark}(?:\\.|[^\\])*?{mark}((?:\\.|[^\\])*?)(?:{mark}|\Z)", expression) if mark else None
        if found is None:
            continue
        name: list[str | Hole] = []
        for number, part in enumerate(_TAKEN_OVER.split(found[1])):
            if number:
                name.append(Hole(HoleKind.OTHER, "&"))
            name.append(re.sub(r"\\(.)", r"\1", part))
        named = word_of([part for part in name if part], argument.word.span)
        start = named.parts[0] if named.parts else None
        if named.literal or (isinstance(start, str) and start[0] in "/~."):
            effects.path(_WRITES, named, certain=argument.certain)


def _run_script(effects: EffectList, argument: Argument, language: str) -> None:
    first = argument.word.parts[0] if argument.word.parts else ""
    if isinstance(first, str) and first.startswith(("https://", "http://")):
        effects.connect(of_url(argument.word), certain=argument.certain)
        effects.other(
            EffectKind.EXECUTES, argument.word, certain=argument.certain, origin=Origin.NETWORK, object=language
        )
        return
    path = resolve(argument.word.parts, effects.cwd) if argument.word.parts else None
    note_argument(effects, Argument(Role.READ, argument.word, argument.certain), language)
    effects.other(EffectKind.EXECUTES, path, certain=argument.certain, origin=Origin.FILE, object=language)


def _run_code(effects: EffectList, argument: Argument, language: str) -> None:
    origin = Origin.LITERAL if argument.word.literal is not None else Origin.UNKNOWN
    effects.other(EffectKind.EXECUTES, None, certain=argument.certain, origin=origin, object=language)


def _run_program(effects: EffectList, argument: Argument, _language: str) -> None:
    effects.other(EffectKind.EXECUTES, argument.word, certain=argument.certain, origin=Origin.FILE)


def _connect_url(effects: EffectList, argument: Argument, _language: str) -> None:
    target = of_url(argument.word)
    if target.path is not None:
        effects.path(_READS, target.path, certain=argument.certain)
    else:
        effects.connect(target, certain=argument.certain)


def _send_to(effects: EffectList, argument: Argument, _language: str) -> None:
    """A remote: where it is a path here, that is written to; a bare name is one that stands for something elsewhere."""
    named = next((word for name, word in reversed(effects.remotes) if name == argument.word.literal), argument.word)
    target = of_remote(named)
    path = target.path
    first = path.parts[0] if path is not None and path.parts else ""
    if path is not None and isinstance(first, str) and first[:1] in ("/", "."):
        effects.path(_WRITES, path, certain=argument.certain)
    else:
        effects.connect(Target(None, target.host or path, target.port), certain=argument.certain, sends=True)


def _mount(effects: EffectList, argument: Argument, _language: str) -> None:
    """`PATH:PLACE:OPTIONS` or `source=PATH,target=PLACE`; a name instead of a path is a volume of the engine itself."""
    first = argument.word.parts[0] if argument.word.parts else ""
    whole = argument.word.literal or ""
    if isinstance(first, str):
        named = _SOURCE.search(first)
        if named is not None:
            first = first[named.end() :]
        head = re.split("[:,]", first, maxsplit=1)[0]
        parts = (head,) if head != first else (first, *argument.word.parts[1:])
        if head[:1] not in ("/", ".", "~"):
            return
        if head == "~" or head.startswith("~/"):
            parts = (effects.place.home + head[1:], *parts[1:])
    else:
        parts = (first,)
    word = word_of(parts, argument.word.span)
    effects.path(_READS, word, certain=argument.certain, recursive=True)
    if not whole.endswith((":ro", ",ro", ",readonly")):
        effects.path(_WRITES, word, certain=argument.certain, recursive=True)


def _connect_host(effects: EffectList, argument: Argument, _language: str) -> None:
    if (argument.word.literal or "")[:1] not in ("+", "-"):
        effects.connect(of_host(argument.word), certain=argument.certain)


def _send(effects: EffectList, argument: Argument, _language: str) -> None:
    effects.sends = True
    taken = taken_from(argument.word)
    if taken is not None and taken.literal != "-":
        effects.path(_READS, effects.at_home(taken), certain=argument.certain, sends=True)


def _copy_from(effects: EffectList, argument: Argument, _language: str) -> None:
    target = of_remote(argument.word)
    if target.path is not None:
        effects.path(_READS, target.path, certain=argument.certain, sends=True)
    else:
        effects.connect(target, certain=argument.certain)


def _copy_to(effects: EffectList, argument: Argument, _language: str) -> None:
    target = of_remote(argument.word)
    if target.path is not None:
        effects.path(_WRITES, target.path, certain=argument.certain)
    else:
        effects.sends = True
        effects.connect(target, certain=argument.certain, sends=True)


def _mirror(effects: EffectList, argument: Argument, language: str) -> None:
    """A TO in which all else is deleted."""
    _copy_to(effects, argument, language)
    target = of_remote(argument.word)
    if target.path is not None:
        effects.path(EffectKind.DELETES, target.path, certain=argument.certain, recursive=True)


def _read_variable(effects: EffectList, argument: Argument, _language: str) -> None:
    effects.other(EffectKind.READS_ENV, argument.word, certain=argument.certain)


def _set_variable(effects: EffectList, argument: Argument, _language: str) -> None:
    first = argument.word.parts[0] if argument.word.parts else ""
    if isinstance(first, str):
        name, equals, rest = first.partition("=")
        content = word_of((rest, *argument.word.parts[1:]), argument.word.span) if equals else None
        effects.other(EffectKind.SETS_ENV, word_of((name,), argument.word.span), content=content)


def _set(effects: EffectList, argument: Argument, _language: str) -> None:
    """A setting of the program itself; programs do not mind the letter case of its name."""
    first = argument.word.parts[0] if argument.word.parts else ""
    if isinstance(first, str):
        name, equals, rest = first.partition("=")
        if not equals:
            # `-o "Name value"`
            name, equals, rest = first.partition(" ")
        word = word_of((name.lower() + ("=" if equals else "") + rest, *argument.word.parts[1:]), argument.word.span)
        effects.other(EffectKind.MUTATES, word, certain=argument.certain, object="setting")
    else:
        effects.other(EffectKind.MUTATES, argument.word, certain=argument.certain, object="setting")


def _set_to(effects: EffectList, argument: Argument, _language: str) -> None:
    """The value of the setting that stands before it."""
    last = effects.made[-1] if effects.made else None
    if last is not None and last.kind is EffectKind.MUTATES and last.target is not None:
        word = word_of((*last.target.parts, "=", *argument.word.parts), last.target.span)
        effects.made[-1] = replace(last, target=word)


def _signal(effects: EffectList, argument: Argument, _language: str) -> None:
    effects.other(EffectKind.SIGNALS, argument.word, certain=argument.certain)


_ROLES: dict[Role, Callable[[EffectList, Argument, str], None]] = {
    Role.RENAME: _write_renamed,
    Role.SCRIPT: _run_script,
    Role.CODE: _run_code,
    Role.PROGRAM: _run_program,
    Role.URL: _connect_url,
    Role.HOST: _connect_host,
    Role.DATA: _send,
    Role.FROM: _copy_from,
    Role.TO: _copy_to,
    Role.MIRROR: _mirror,
    Role.REMOTE: _send_to,
    Role.VOLUME: _mount,
    Role.ENV: _read_variable,
    Role.SETENV: _set_variable,
    Role.SETTING: _set,
    Role.VALUE: _set_to,
    Role.PROCESS: _signal,
}
