"""Files that land in a directory under their own names: `cp id_rsa ~/.ssh/`, `mv -t DIR FILE`."""

from collections.abc import Sequence

from security_hooks.catalogue.entry import CommandSpec, Kind
from security_hooks.catalogue.role import PLACES, TAKEN, Role
from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, Word
from security_hooks.model.world import Entry
from security_hooks.shell.effect_list import EffectList
from security_hooks.shell.hosts import of_remote, saved_as
from security_hooks.shell.meaning import Argument, Meaning
from security_hooks.shell.options import Reading
from security_hooks.shell.paths import resolve
from security_hooks.shell.words import word_of

_FETCHER = Kind.FETCHER
_MOST = 64


def note_copies(effects: EffectList, spec: CommandSpec, arguments: Sequence[Argument]) -> None:
    """Where sources are copied to a place that is a directory or may be one, note the files that are made in it."""
    if not spec.gathers or len(arguments) < 2:
        return
    targets = [argument.word for argument in arguments if argument.role in PLACES]
    sources = [argument for argument in arguments if argument.role in TAKEN][:_MOST]
    if len(targets) != 1 or not sources:
        return
    target = targets[0]
    if not target.parts or of_remote(target).path is None:
        return
    certain = _is_directory(effects, target, len(sources))
    if certain is None:
        return
    for source in sources:
        name = _name(source.word)
        if name:
            word = word_of((*target.parts, "/", *name), target.span)
            effects.path(EffectKind.WRITES, word, certain=certain and source.certain)


def saved_names(spec: CommandSpec | None, meaning: Meaning) -> list[Word]:
    """The files that a fetcher makes under the names that stand in its URLs; none where it does not, or may not."""
    if spec is None or spec.kind is not _FETCHER:
        return []
    if not any(deed.role is Role.WRITE and deed.target == "." for deed, _ in meaning.deeds):
        return []
    names = [saved_as(argument.word) for argument in meaning.arguments if argument.role is Role.URL][:_MOST]
    return [] if None in names else [name for name in names if name is not None]


def note_fetched(effects: EffectList, spec: CommandSpec, reading: Reading, arguments: Sequence[Argument]) -> None:
    """Files that keep the name they have in their URL, in the directories that options name for them."""
    if spec.kind is not _FETCHER:
        return
    named = [
        word
        for name, word, role in reading.values
        if role is Role.WRITE and spec.options[name].metavar.startswith("DIR")
    ]
    if not named:
        return
    for argument in arguments:
        name = saved_as(argument.word) if argument.role is Role.URL else None
        if name is None:
            continue
        for directory in named:
            word = word_of((*directory.parts, "/", *name.parts), argument.word.span)
            effects.path(EffectKind.WRITES, word, certain=argument.certain)


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
