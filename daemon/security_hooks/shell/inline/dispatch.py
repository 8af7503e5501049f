"""One piece of code, read by the reader of its language. Nothing is executed, opened or waited for."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Origin
from security_hooks.shell.inline.awk import read_awk
from security_hooks.shell.inline.calls import Caller, looks_like_path
from security_hooks.shell.inline.clients import read_applescript, read_gdb, read_sql
from security_hooks.shell.inline.commands import read_powershell, read_tcl
from security_hooks.shell.inline.conventions import LANGUAGES, read_conventions
from security_hooks.shell.inline.datum import gravest
from security_hooks.shell.inline.editors import read_ed, read_sed, read_vim
from security_hooks.shell.inline.known_javascript import JAVASCRIPT
from security_hooks.shell.inline.known_python import PYTHON
from security_hooks.shell.inline.known_scripting import JVM, LUA, PERL, PHP, RUBY, R
from security_hooks.shell.inline.language import Language
from security_hooks.shell.inline.makefile import read_makefile
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.mentions import read_mentions
from security_hooks.shell.inline.reading import Inline, Read, Value
from security_hooks.shell.inline.socat import read_addresses
from security_hooks.shell.inline.transfer import read_transfer
from security_hooks.shell.limits import Budget

MOST_CODE = 1 << 16
_LANGUAGES: Final = {language.name: language for language in (PYTHON, JAVASCRIPT, PERL, RUBY, PHP, LUA, R, JVM)}


def _by_convention(language: str) -> Callable[[Value, Budget], Read]:
    return lambda code, budget: Read(read_conventions(language, code, budget))


_READERS: Final[Mapping[str, Callable[[Value, Budget], Read]]] = {
    "awk": read_awk,
    "sed": read_sed,
    "ed": read_ed,
    "vim": read_vim,
    "sql": read_sql,
    "gdb": read_gdb,
    "applescript": read_applescript,
    "tcl": read_tcl,
    "powershell": read_powershell,
    "ftp": read_transfer,
    "make": lambda code, budget: Read(read_makefile(code, budget)),
    "socat": lambda code, budget: Read(read_addresses(code, budget)),
    **{language: _by_convention(language) for language in LANGUAGES},
}
_MOST_NESTED = 8
# Of these the readers know every command; of the others only what matters most.
_WHOLE: Final = frozenset(("awk", "sed", "ed", "socat"))
_ALIASES: Final = {
    "typescript": "javascript",
    "node": "javascript",
    "js": "javascript",
    "python3": "python",
    "groovy": "java",
    "scala": "java",
    "kotlin": "java",
    "jshell": "java",
    "crystal": "ruby",
}


def read_inline(language: str, code: Value, budget: Budget, home: str = "") -> Inline | None:
    """What this code does; None where the language is not known. Holes in a literal stay holes of what it becomes;
    what else depends on a hole is not known. `home` is what the code would take for the home directory.
    """
    name = language.lower()
    name = _ALIASES.get(name, name)
    found = _LANGUAGES.get(name)
    reader = _READERS.get(name)
    if found is None and reader is None:
        return None
    if sum([len(part) if isinstance(part, str) else 1 for part in code]) > MOST_CODE:
        return Inline(over_budget=True)
    if not code or all(isinstance(part, str) and not part.strip() for part in code):
        return Inline()
    if not isinstance(code[0], str):
        return Inline(opaque=Origin.UNKNOWN)
    try:
        if found is not None:
            return _evaluated(found, code, budget, home)
        inline = _read(reader, code, budget, home) if reader is not None else None
        return inline if inline is None or name in _WHOLE else _with_mentions(inline, code, budget)
    except RecursionError:
        return Inline(over_budget=True)


def _with_mentions(inline: Inline, code: Value, budget: Budget) -> Inline:
    """With the paths that a reader of patterns gave no meaning: it does not know all that its language can do."""
    known = {"".join([part for part in effect.target if isinstance(part, str)]) for effect in inline.effects}
    mentioned = read_mentions(code, budget)
    more = tuple(effect for effect in mentioned.effects if effect.target[0] not in known)
    if not more and not mentioned.over_budget:
        return inline
    return msgspec.structs.replace(
        inline, effects=inline.effects + more, over_budget=inline.over_budget or mentioned.over_budget
    )


def _read(reader: Callable[[Value, Budget], Read], code: Value, budget: Budget, home: str) -> Inline:
    """What a reader finds, and what the code within does, by the reader of its language."""
    read = reader(code, budget)
    whole = read.inline
    pending = list(read.nested)
    rounds = 0
    while pending:
        rounds += 1
        language, inner = pending.pop()
        if rounds > _MOST_NESTED:
            return msgspec.structs.replace(whole, over_budget=True)
        again = _READERS.get(language)
        if again is not None:
            found = again(inner, budget)
            pending += found.nested
            whole = _both(whole, found.inline)
        elif (known := _LANGUAGES.get(language)) is not None:
            whole = _both(whole, _evaluated(known, inner, budget, home))
    return whole


def _both(first: Inline, second: Inline) -> Inline:
    shift = len(first.effects)
    return Inline(
        first.effects + second.effects,
        first.shell + second.shell,
        first.argvs + second.argvs,
        gravest([origin for origin in (first.opaque, second.opaque) if origin])
        if first.opaque or second.opaque
        else None,
        first.flows + tuple([(source + shift, sink + shift) for source, sink in second.flows]),
        first.over_budget or second.over_budget,
    )


def _evaluated(language: Language, code: Value, budget: Budget, home: str) -> Inline:
    marks = Marks()
    caller = Caller(language, marks, budget, home)
    parsed = language.parse(marks.text(code), marks)
    if parsed.too_much:
        caller.over = True
    if parsed.broken and (len(code) > 1 or not language.refuses):
        caller.outcome.opaquely(Origin.UNKNOWN)
    if language.flat:
        caller.flatten()
    caller.run(parsed.nodes)
    caller.finish()
    _note_names(caller, parsed.names)
    return caller.outcome.inline(over_budget=caller.over)


def _note_names(caller: Caller, names: tuple[str, ...]) -> None:
    """Literals that may be paths, and to which no call gave a meaning."""
    known = caller.outcome.known_texts() if names else []
    for name in names:
        if looks_like_path(name) and not any(name in text for text in known):
            caller.outcome.effect(EffectKind.NAMES, (name,), certain=False)
