"""From the log into the store: on from where the store is, or from the beginning where that place is gone."""

from collections.abc import Iterator
from pathlib import Path

from security_hooks.audit.reader import Cursor, ends_with, read_from, start_of_log
from security_hooks.insight.store import Store, StoreError, forget

MOST_LINES = 2_000
MOST_BYTES = 4 << 20
_START = Cursor(0, 0)


def feed(store: Store, log: Path) -> Iterator[int]:
    """Bring the store up to date, a bounded batch at a time; gives how many lines each had.

    Raises StoreError, AuditError. Several may feed one store at once.
    """
    while True:
        so_far = store.so_far()
        start = so_far.cursor
        if start != _START and not ends_with(log, start, so_far.tail):
            # Another log, or what was read of this one is no longer there as it was.
            store.clear(start)
            continue
        store.drop_before(start_of_log(log))
        for lines, end in _batches(log, start):
            if not store.take(lines, start, end):
                break
            start = end
            yield len(lines)
        else:
            return


def opened(path: Path | None) -> Store:
    """The store; a damaged one is forgotten, to be made anew. Raises StoreError."""
    try:
        return Store(path)
    except StoreError as error:
        if path is None or not error.is_damaged:
            raise
        forget(path)
        return Store(path)


def current_store(path: Path | None, log: Path) -> Store:
    """The store with all in it that the log has now. Raises StoreError, AuditError."""
    store = opened(path)
    try:
        bring_up_to_date(store, log)
    except StoreError as error:
        store.close()
        if path is None or not error.is_damaged:
            raise
        forget(path)
        store = Store(path)
        bring_up_to_date(store, log)
    return store


def bring_up_to_date(store: Store, log: Path) -> int:
    """Read all that there is; how many lines were new. Raises StoreError, AuditError."""
    return sum(feed(store, log))


def _batches(log: Path, cursor: Cursor) -> Iterator[tuple[list[bytes], Cursor]]:
    lines: list[bytes] = []
    size = 0
    for line, cursor in read_from(log, cursor):  # noqa: B020 - the cursor behind the line
        lines.append(line)
        size += len(line)
        if len(lines) >= MOST_LINES or size >= MOST_BYTES:
            yield lines, cursor
            lines, size = [], 0
    if lines:
        yield lines, cursor
