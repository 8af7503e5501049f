"""The store for commands: as up to date as the log, whether a daemon runs or not."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from security_hooks.insight.feed import current_store
from security_hooks.insight.store import Store, StoreError
from security_hooks.model.failure import StartupError
from security_hooks.service.directories import state_dir, store_path


@contextlib.contextmanager
def stored(state: Path | None) -> Iterator[Store]:
    """The store with all that the log has now; where it cannot be written, one of our own. Raises StartupError."""
    place = state_dir(state)
    try:
        store = _current(place)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise StartupError(str(error)) from error


def _current(place: Path) -> Store:
    if (place / "audit").stat().st_uid != os.geteuid():
        # Files that we make in another's directory would keep its owner's daemon from its store.
        return current_store(None, place / "audit")
    try:
        return current_store(store_path(place), place / "audit")
    except StoreError as error:
        print(f"{error}; reading the whole log instead", file=sys.stderr)
        return current_store(None, place / "audit")
