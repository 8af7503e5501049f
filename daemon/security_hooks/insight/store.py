"""The store: an index of the log in SQLite, which anyone may bring up to date and which is worth nothing by itself.

What was read of the log and how far are one transaction, so a process that dies leaves a true beginning, and two that
read at once do nothing twice. A store that is damaged, of another version or of another log is made anew.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from security_hooks.audit.reader import Cursor
from security_hooks.insight import schema
from security_hooks.insight.filter import says
from security_hooks.insight.row import CommandRow, EffectRow, FindingRow, RecordRow, ResultRow, rows_of

BUSY_MILLISECONDS = 5_000
CACHE_KIBIBYTES = 8_192
# The end of a record that tells it from every other: its link and its number stand there.
TAIL_BYTES = 240


class StoreError(Exception):
    """The store cannot be used: one line that says why. One that is damaged is best forgotten: the log has it all."""

    def __init__(self, text: str, *, is_damaged: bool = False) -> None:
        super().__init__(text)
        self.is_damaged = is_damaged


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How far the log was read. `tail` is how the last line ends; `unreadable` counts lines that are no records."""

    cursor: Cursor
    tail: bytes
    unreadable: int


class Store:
    """An open store. `path` None is one of our own, on the disk while it is large and gone with us."""

    def __init__(self, path: Path | None) -> None:
        """Raises StoreError."""
        self._path = path
        with self._named():
            self.connection = self._opened()

    def so_far(self) -> ReadSoFar:
        """How far the log was read; raises StoreError."""
        with self._named():
            return self._so_far()

    def take(self, lines: Sequence[bytes], expected: Cursor, end: Cursor) -> bool:
        """Add the lines between two cursors; False, and nothing done, where somebody else was here first."""
        batch = _Batch(lines)
        tail = lines[-1][-TAIL_BYTES:]
        with self._named(), self._transaction():
            if self._so_far().cursor != expected:
                return False
            batch.write(self.connection)
            values = (end.segment, end.offset, tail, batch.unreadable)
            self.connection.execute(
                "UPDATE place SET segment = ?, offset = ?, tail = ?, unreadable = unreadable + ?", values
            )
        return True

    def clear(self, expected: Cursor) -> bool:
        """Forget everything, to read the log from its beginning; False where somebody else was here first."""
        with self._named(), self._transaction():
            if self._so_far().cursor != expected:
                return False
            self._make_tables()
        return True

    def drop_before(self, first: int) -> None:
        """Forget the records before this one, which the log has no more; raises StoreError."""
        with self._named():
            (oldest,) = self.connection.execute("SELECT min(seq) FROM records").fetchone()
            if oldest is None or oldest >= first:
                return
            with self._transaction():
                for table in ("records", *schema.PARTS):
                    self.connection.execute(f"DELETE FROM {table} WHERE seq < ?", (first,))
                self.connection.execute("DELETE FROM results WHERE call < ?", (first,))

    def last(self) -> int:
        """The number of the last record; 0 where there is none. Raises StoreError."""
        with self._named():
            row = self.connection.execute("SELECT max(seq) FROM records").fetchone()
        return int(row[0] or 0)

    def close(self) -> None:
        """Let go of it; raises StoreError."""
        with self._named():
            self.connection.close()

    def _opened(self) -> sqlite3.Connection:
        if self._path is not None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives its other files the mode of this one.
            self._path.touch(mode=0o600)
        connection = self.connection = sqlite3.connect(
            "" if self._path is None else self._path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000
        )
        try:
            # Not when it is wanted: while rows of another question are read, nothing can be added.
            connection.create_function("says", 2, says, deterministic=True)
            connection.execute("PRAGMA journal_mode = WAL")
            # A crash of the machine may lose the last transactions, which are read again.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
            if self._version() != schema.VERSION:
                with self._transaction():
                    # Another process may have made it meanwhile.
                    if self._version() != schema.VERSION:
                        self._make_tables()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    def _make_tables(self) -> None:
        rows = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in rows:
            self.connection.execute(f'DROP TABLE "{name}"')
        for statement in schema.TABLES.split(";"):
            self.connection.execute(statement)
        self.connection.execute(f"PRAGMA user_version = {schema.VERSION}")

    def _so_far(self) -> ReadSoFar:
        row = self.connection.execute("SELECT segment, offset, tail, unreadable FROM place").fetchone()
        return ReadSoFar(Cursor(row[0], row[1]), bytes(row[2]), row[3])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            text = f"the store {self._path or 'in memory'} cannot be used: {error}"
            raise StoreError(text, is_damaged=_is_damage(error)) from error


class _Batch:
    """Lines as rows, table by table: SQLite is quickest with many of a kind."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.records: list[RecordRow] = []
        self.findings: list[FindingRow] = []
        self.commands: list[CommandRow] = []
        self.effects: list[EffectRow] = []
        self.results: list[ResultRow] = []
        self.unreadable = 0
        for line in lines:
            rows = rows_of(line)
            if rows is None:
                self.unreadable += 1
                continue
            self.records.append(rows.record)
            self.findings += rows.findings
            self.commands += rows.commands
            self.effects += rows.effects
            if rows.result is not None:
                self.results.append(rows.result)

    def write(self, connection: sqlite3.Connection) -> None:
        connection.executemany(schema.INSERT_RECORD, self.records)
        connection.executemany(schema.INSERT_FINDING, self.findings)
        connection.executemany(schema.INSERT_COMMAND, self.commands)
        connection.executemany(schema.INSERT_EFFECT, self.effects)
        connection.executemany(schema.INSERT_RESULT, self.results)


def forget(path: Path) -> None:
    """Remove a store's files; the log has all that was in it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_damage(error: sqlite3.Error | OSError) -> bool:
    # "Locked" and "disk full" are none.
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
