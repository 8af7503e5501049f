"""Files that land in a directory under their own names: `cp id_rsa ~/.ssh/`, `mv -t DIR FILE`."""

import re
from collections.abc import Sequence

from security_hooks.catalogue.entry import CommandSpec, Deed, Kind
from security_hooks.catalogue.role import Role
from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, Word
from security_hooks.model.world import Entry
from security_hooks.shell.effect_list import EffectList
from security_hooks.shell.hosts import of_remote
from security_hooks.shell.meaning import Argument
from security_hooks.shell.options import Reading
from security_hooks.shell.paths import resolve
from security_hooks.shell.words import word_of

_SOURCES = frozenset((Role.READ, Role.MOVE, Role.FROM))
_TARGETS = frozenset((Role.WRITE, Role.TO, Role.MIRROR))
_MOST = 64


def copies(spec: CommandSpec | None) -> bool:
    """Whether this command takes any number of files to a place: the last operand, or a directory of an option."""
    operands = spec.operands if spec is not None else None
    if spec is None or not operands or not any(operand.repeats and operand.role in _SOURCES for operand in operands):
        return False
    return operands[-1].role in _TARGETS or any(
        option.role in _TARGETS and option.metavar.startswith("DIR") for option in spec.options.values()
    )


def note_copies(effects: EffectList, arguments: Sequence[Argument]) -> None:
    """Where sources are copied to a place that is a directory or may be one, note the files that are made in it."""
    targets = [argument for argument in arguments if argument.role in _TARGETS]
    sources = [argument for argument in arguments if argument.role in _SOURCES][:_MOST]
    if len(targets) != 1 or not sources or not targets[0].word.parts or of_remote(targets[0].word).path is None:
        return
    target = targets[0].word
    certain = _is_directory(effects, target, len(sources))
    if certain is None:
        return
    for source in sources:
        name = _name(source.word)
        if name:
            word = word_of((*target.parts, "/", *name), target.span)
            effects.path(EffectKind.WRITES, word, certain=certain and source.certain)


def note_fetched(effects: EffectList, arguments: Sequence[Argument], directories: Sequence[Word]) -> None:
    """Files that keep the name they have in their URL, in the directories that they are fetched to."""
    for argument in arguments:
        if argument.role is not Role.URL:
            continue
        first = argument.word.parts[0] if argument.word.parts else ""
        _, _, behind = (first.partition("://")[2] or first if isinstance(first, str) else "/").partition("/")
        if isinstance(first, str) and len(argument.word.parts) == 1:
            behind = re.split("[?#]", behind, maxsplit=1)[0]
            if not behind or behind.endswith("/"):
                continue
        name = _name(argument.word) if len(argument.word.parts) > 1 else (behind.rpartition("/")[2],)
        for directory in directories:
            word = word_of((*directory.parts, "/", *name), argument.word.span)
            effects.path(EffectKind.WRITES, word, certain=argument.certain)


def fetched_to(spec: CommandSpec, reading: Reading, deeds: Sequence[tuple[Deed, bool]]) -> list[Word]:
    """The directories that a fetcher writes to: those its options name, else the one that it works in."""
    if spec.kind is not Kind.FETCHER:
        return []
    named = {
        option.spellings[0]
        for option in spec.options.values()
        if option.role is Role.WRITE and option.metavar.startswith("DIR")
    }
    given = [word for name, word, _ in reading.values if name in named]
    here = any(deed.role is Role.WRITE and deed.target == "." for deed, _ in deeds)
    return given or ([Word((".",), (0, 0), ".")] if here else [])


def _is_directory(effects: EffectList, target: Word, count: int) -> bool | None:
    """Whether it surely is a directory; None: it surely is none."""
    last = target.parts[-1]
    if count > 1 or target.literal in (".", "..") or (isinstance(last, str) and last.endswith(("/", "/.", "/.."))):
        return True
    path = resolve(target.parts, effects.cwd).literal
    entry = effects.world.kind(path) if path is not None else Entry.UNKNOWN
    if entry is Entry.DIRECTORY:
        return True
    return None if entry in (Entry.FILE, Entry.OTHER) else False


def _name(source: Word) -> tuple[str | Hole, ...]:
    """The base name of a source, holes kept."""
    parts: list[str | Hole] = []
    for part in reversed(source.parts):
        text = part.rstrip("/") if isinstance(part, str) and not parts else part
        if isinstance(text, str) and "/" in text:
            parts.insert(0, text[text.rindex("/") + 1 :])
            break
        parts.insert(0, text)
    return tuple(part for part in parts if part)
