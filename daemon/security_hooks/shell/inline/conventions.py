"""Languages that nobody evaluates here: what their texts call, by the names that are usual in them.

A name from the table counts wherever it stands, with the texts behind it up to the end of its statement; a variable
that is once given a text stands for it. What a text opens a socket for is not followed: where it also runs something,
the other side may be the one that says what.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from security_hooks.model.effect import EffectKind
from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.inline.javascript import unescaped
from security_hooks.shell.inline.marks import Marks
from security_hooks.shell.inline.outcome import Outcome, merged
from security_hooks.shell.inline.reading import Inline, Value
from security_hooks.shell.inline.spoken import SPOKEN
from security_hooks.shell.limits import Budget

_UNKNOWN = Hole(HoleKind.OTHER, "...", splits=True)
_TOKEN: Final = re.compile(
    r"(?P<text>\"\"\"(?:.*?)\"\"\"|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>;|\n\s*(?![.|\s]))|(?P<comma>,)"
    r"|(?P<name>[^\W\d][\w.:]*)|(?P<joins>\+\+?|<>|\.\.|[~^*&])|(?P<skip>\s+|.)",
    re.DOTALL,
)
_ASSIGNED: Final = re.compile(
    r"(?<![\w.])([^\W\d]\w*)\s*(?::\s*[&\w]+\s*)?(?::=|=|<-)\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
)
_HOST: Final = re.compile(r"[\w.-]*[\w-]\.[\w.-]+|localhost|\[?[0-9a-fA-F:]*::[0-9a-fA-F:]*\]?|[\w-]+(?=:\d)")
_MEANINGLESS: Final = frozenset(
    ("nil", "null", "NULL", "None", "Nothing", "true", "false", "True", "False", "let", "in", "do", "ctx", "context")
)
_STARTING = ("shell", "program", "replace")
_MOST_CALLS = 128
_MOST_TOKENS = 400
# What stands further behind a name is none of its arguments.
_FARTHEST = 2048


class Patterns(NamedTuple):
    """The names of a language and what they mean."""

    names: re.Pattern[str]
    meanings: Mapping[str, str]


def _patterns(table: str) -> Patterns:
    meanings: dict[str, str] = {}
    for line in table.splitlines():
        meaning, colon, names = line.partition(": ")
        if colon:
            meanings |= dict.fromkeys(names.split(), meaning.strip())
    names = "|".join(sorted(map(re.escape, meanings), key=len, reverse=True))
    return Patterns(re.compile(rf"(?<![\w$-])(?:{names})(?![\w-])"), meanings)


_PATTERNS: Final = {language: _patterns(table) for names, table in SPOKEN.items() for language in names.split()}
LANGUAGES: Final = frozenset(_PATTERNS)


def read_conventions(language: str, code: Value, budget: Budget) -> Inline:
    """What the text does, as far as names say it."""
    patterns = _PATTERNS[language]
    marks, outcome = Marks(), Outcome()
    text = marks.text(code)
    if not budget.spend(1 + (len(text) >> 6)):
        return Inline(over_budget=True)
    known: dict[str, str] = {}
    for name, literal in _ASSIGNED.findall(text):
        known[name] = "" if name in known and known[name] != literal else literal
    calls: list[tuple[str, int]] = []
    for found in patterns.names.finditer(text):
        if len(calls) >= _MOST_CALLS or not budget.spend(_FARTHEST >> 6):
            return Inline(over_budget=True)
        calls.append((patterns.meanings[found[0]], found.end()))
    runs = any(meaning in _STARTING or meaning == "launch" for meaning, _ in calls)
    arguments: list[Value] = []
    # Connections first: whatever is run may be theirs.
    for meaning, place in calls:
        if meaning in ("socket", "fetch") or (meaning == "listen" and runs):
            values = list(_arguments(text, place, known, marks)) if meaning != "listen" else []
            _connect(outcome, values, is_wired=meaning != "fetch")
    for meaning, place in calls:
        if meaning in ("socket", "fetch", "listen"):
            continue
        values = list(_arguments(text, place, known, marks))
        if meaning == "launch":
            arguments = values[:1]
            outcome.effect(EffectKind.EXECUTES, arguments[0] if arguments else (), certain=False)
        elif meaning == "arguments" and arguments:
            outcome.argv((*arguments, *values))
        elif meaning in _PATHS:
            for kind in _PATHS[meaning]:
                # Of a path that is not known at all nothing is said: most code has some.
                for value in [value for value in values[:1] if value != (_UNKNOWN,)]:
                    outcome.effect(kind, value, recursive=meaning == "delete*")
        elif meaning in _STARTING:
            _start(outcome, meaning, values)
    if language == "julia":
        for match in re.finditer(r"`([^`]*)`", text):
            outcome.shell(marks.value(match[1]))
    return outcome.inline(over_budget=budget.over)


_PATHS: Final[Mapping[str, tuple[EffectKind, ...]]] = {
    "read": (EffectKind.READS,),
    "write": (EffectKind.WRITES,),
    "delete": (EffectKind.DELETES,),
    "delete*": (EffectKind.DELETES,),
    "move": (EffectKind.MOVES,),
    "mode": (EffectKind.CHANGES_MODE,),
    "env": (EffectKind.READS_ENV,),
}


def _connect(outcome: Outcome, values: list[Value], *, is_wired: bool) -> None:
    for value in values:
        first = value[0] if value else ""
        if isinstance(first, str) and (_HOST.match(first) or "://" in first):
            host = re.sub(r"(?<=[^:]):\d+\Z", "", first) if "://" not in first else first
            index = outcome.effect(EffectKind.CONNECTS, (host, *value[1:]))
            break
    else:
        index = outcome.effect(EffectKind.CONNECTS, (), certain=False)
    if is_wired:
        outcome.sends(index)
        outcome.wired = (*outcome.wired, index)


def _start(outcome: Outcome, meaning: str, values: list[Value]) -> None:
    # A context, a flag: what stands before the first text names no program.
    while values and not any(isinstance(part, str) for part in values[0]):
        values = values[1:]
    if not values:
        outcome.effect(EffectKind.EXECUTES, (), certain=False)
        for index in outcome.wired:
            outcome.flow((index,), outcome.effect(EffectKind.EXECUTES, (), certain=False))
    elif meaning == "shell" or (len(values) == 1 and " " in str(values[0][0]).strip()):
        outcome.shell(values[0])
    else:
        outcome.argv((*values[:1], *values[2:]) if meaning == "replace" else tuple(values))


def _arguments(text: str, place: int, known: Mapping[str, str], marks: Marks) -> Iterator[Value]:
    """The texts behind a name, neighbours that are joined as one; what is no text, between commas, as a hole."""
    parts: list[str | Hole] = []
    joins = is_named = False
    depth = 0
    for number, token in enumerate(_TOKEN.finditer(text, place, place + _FARTHEST)):
        kind = token.lastgroup
        if number > _MOST_TOKENS or (kind == "end" and depth <= 0 and number):
            break
        literal = known.get(token[0], "") if kind == "name" else token[0] if kind == "text" else ""
        if literal:
            if parts and not joins:
                yield merged(tuple(parts))
                parts = []
            parts += marks.value(_content(literal))
            joins = is_named = False
        elif kind == "open":
            depth += 1
            # What stands before it names a function.
            is_named = False
        elif kind == "joins":
            joins = True
        elif kind == "name":
            is_named = is_named or token[0] not in _MEANINGLESS
            if joins and parts:
                parts.append(_UNKNOWN)
        elif kind in ("comma", "close"):
            if parts:
                yield merged(tuple(parts))
            elif is_named:
                yield (_UNKNOWN,)
            parts, joins, is_named = [], False, False
            depth -= kind == "close"
            if depth < 0:
                return
    if parts:
        yield merged(tuple(parts))


def _content(literal: str) -> str:
    quote = '"""' if literal.startswith('"""') else literal[0]
    inner = literal[len(quote) : len(literal) - len(quote)]
    return inner if quote == "`" or "\\" not in inner else unescaped(inner)
