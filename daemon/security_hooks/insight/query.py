"""Questions to the store: the records that a filter asks for, one at a time, so that none is too large an answer."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.insight.filter import Filter, condition
from security_hooks.insight.store import Store, StoreError

# What an export has of each record beside the rules and the outcome.
COLUMNS = (
    *("seq", "at", "kind", "client", "session", "turn", "agent", "event", "tool", "call_id", "action", "severity"),
    *("verdict", "would", "basis", "failure", "elapsed_us", "generation", "policy", "project", "cwd"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A record as the log has it, and what became of its call, where that is known: the outcome and who told it."""

    seq: int
    line: str
    outcome: str | None
    result: int | None


def find(store: Store, asked: Filter) -> Iterator[Found]:
    """All records asked for, oldest first; raises StoreError."""
    yield from _found(store, asked, "ORDER BY r.seq")


def find_last(store: Store, asked: Filter, most: int) -> tuple[list[Found], bool]:
    """The last records asked for, oldest first, and whether there are more; raises StoreError."""
    found = list(_found(store, asked, f"ORDER BY r.seq DESC LIMIT {most + 1}"))
    return found[:most][::-1], len(found) > most


def cells(store: Store, asked: Filter) -> Iterator[tuple[object, ...]]:
    """A row of COLUMNS for each record asked for, and then its rules and its outcome; raises StoreError."""
    columns = ", ".join(f"r.{name}" for name in COLUMNS)
    rules = "(SELECT group_concat(rule, ' ') FROM findings AS f WHERE f.seq = r.seq)"
    yield from _rows(store, asked, f"{columns}, {rules}, t.outcome", "ORDER BY r.seq")


def _found(store: Store, asked: Filter, order: str) -> Iterator[Found]:
    for seq, line, outcome, result in _rows(store, asked, "r.seq, r.line, t.outcome, t.seq", order):
        yield Found(int(str(seq)), str(line), _word(outcome), None if result is None else int(str(result)))


def _rows(store: Store, asked: Filter, columns: str, order: str) -> Iterator[tuple[object, ...]]:
    where, values = condition(asked)
    sql = f"SELECT {columns} FROM records AS r LEFT JOIN results AS t ON t.call = r.seq WHERE {where} {order}"
    yield from select(store, sql, values)


def select(store: Store, sql: str, values: tuple[str | int, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The rows of a SELECT; raises StoreError."""
    try:
        yield from store.connection.execute(sql, values)
    except sqlite3.Error as error:
        raise StoreError(f"the store cannot be asked: {error}") from error


def _word(value: object) -> str | None:
    return None if value is None else str(value)
