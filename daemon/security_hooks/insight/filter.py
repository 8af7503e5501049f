"""Which records are asked for, as a value, and as a condition of SQL about the table `records AS r`. Pure.

Names of rules, actions, hosts and paths are globs in which `*` stands for anything. Alternatives of one kind are
joined by "or", kinds by "and".
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.audit.encode import canonical
from security_hooks.insight.row import RANKS
from security_hooks.model.effect import EffectKind

_PATHS = (
    EffectKind.READS,
    EffectKind.WRITES,
    EffectKind.DELETES,
    EffectKind.MOVES,
    EffectKind.CHANGES_MODE,
    EffectKind.EXECUTES,
    EffectKind.NAMES,
)
_PATH_KINDS = ",".join(f"'{kind.value}'" for kind in _PATHS)
_WILD = "*?["
_FIELDS_SAID = ("script", "prompt", "input", "findings", "failure", "error", "problem", "alarm", "problems")

Condition = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """Times are as the log writes them; `severity` is the least. `text` is looked for in what was said and found."""

    since: str = ""
    until: str = ""
    after: int = 0
    kinds: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    would: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    severity: str = ""
    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    text: str = ""


def condition(asked: Filter) -> Condition:
    """The condition that holds for the records asked for, and the values of its parameters."""
    parts = list(_parts(asked))
    return " AND ".join(sql for sql, _ in parts) or "1", tuple(value for _, values in parts for value in values)


def says(line: str, text: str) -> bool:
    """Whether a record holds the text in what was said or found, letters of either case; what SQL calls `says`."""
    try:
        fields = json.loads(line)["fields"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    wanted = text.casefold()
    return isinstance(fields, dict) and any(
        wanted in said.casefold() for name in _FIELDS_SAID for said in _texts(fields.get(name))
    )


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _parts(asked: Filter) -> Iterator[Condition]:
    for sql, bound in (("r.at >= ?", asked.since), ("r.at < ?", asked.until), ("r.seq > ?", asked.after)):
        if bound:
            yield sql, (bound,)
    for column, words in (
        ("r.kind", asked.kinds),
        ("r.client", asked.clients),
        ("r.session", asked.sessions),
        ("r.tool", asked.tools),
        ("r.verdict", asked.verdicts),
        ("r.would", asked.would),
    ):
        if words:
            yield f"{column} IN ({','.join('?' * len(words))})", words
    if asked.outcomes:
        yield _related("results", f"p.outcome IN ({','.join('?' * len(asked.outcomes))})"), asked.outcomes
    if asked.rules:
        yield _related("findings", _any("p.rule GLOB ?", asked.rules)), asked.rules
    if asked.actions:
        own, of_command = _any("r.action GLOB ?", asked.actions), _any("p.action GLOB ?", asked.actions)
        yield f"({own} OR {_related('commands', of_command)})", asked.actions * 2
    if asked.severity:
        least = RANKS[asked.severity]
        yield f"(r.severity >= ? OR {_related('findings', 'p.severity >= ?')})", (least, least)
    if asked.paths:
        globs = tuple(glob for path in asked.paths for glob in _path_globs(path))
        found = _any("p.target GLOB ? OR p.real GLOB ?", globs)
        yield _related("effects", f"p.kind IN ({_PATH_KINDS}) AND {found}"), tuple(g for g in globs for _ in range(2))
    if asked.hosts:
        found = _any("p.target GLOB ?", asked.hosts)
        hosts = tuple(host.lower() for host in asked.hosts)
        yield _related("effects", f"p.kind = '{EffectKind.CONNECTS.value}' AND {found}"), hosts
    if asked.text:
        # The first look is quick and sees more than was said; JSON escapes all that is not ASCII.
        written = canonical(asked.text).decode("ascii")[1:-1]
        pattern = "".join(f"\\{char}" if char in "\\%_" else char for char in written)
        yield "CASE WHEN r.line LIKE ? ESCAPE '\\' THEN says(r.line, ?) ELSE 0 END", (f"%{pattern}%", asked.text)


def _related(table: str, found: str) -> str:
    joined = "p.call = r.seq" if table == "results" else "p.seq = r.seq"
    return f"EXISTS (SELECT 1 FROM {table} AS p WHERE {joined} AND {found})"


def _any(found: str, words: tuple[str, ...]) -> str:
    return f"({' OR '.join([found] * len(words))})"


def _path_globs(path: str) -> tuple[str, ...]:
    """A path without a glob stands for what lies below it, too."""
    if any(char in path for char in _WILD):
        return (path,)
    return (path, f"{path.rstrip('/')}/*")
