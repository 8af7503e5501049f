"""A filter for one line at a time, as the log is written: the store's own condition, asked about that line alone."""

from security_hooks.audit.reader import Cursor
from security_hooks.insight.filter import Filter
from security_hooks.insight.query import find
from security_hooks.insight.store import Store

_NOWHERE, _BEHIND = Cursor(0, 0), Cursor(0, 1)


class Sieve:
    """Says of lines whether they are asked for. What a later line tells of a call (its outcome) is not known here."""

    def __init__(self, asked: Filter) -> None:
        self._asked = asked
        self._store = Store(None)

    def passes(self, line: bytes) -> bool:
        """Whether the record in this line is asked for; raises StoreError."""
        self._store.take([line], _NOWHERE, _BEHIND)
        try:
            return any(find(self._store, self._asked))
        finally:
            self._store.clear(_BEHIND)

    def close(self) -> None:
        """Let go of it."""
        self._store.close()
