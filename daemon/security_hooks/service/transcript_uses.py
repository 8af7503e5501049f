"""Tool uses of one transcript and their results, put together: each use is given once, when its result is there."""

from collections import OrderedDict

from security_hooks.model.transcript import Began, Delegated, Ended, Mark, ToolUse

MOST_OPEN = 1_024
MOST_CLOSED = 4_096


class TranscriptUses:
    """What began and has not ended, and what has: a client may write the same twice, and may use an id again."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, ToolUse] = OrderedDict()
        self._closed: OrderedDict[tuple[str, float], None] = OrderedDict()

    def take(self, mark: Mark) -> tuple[ToolUse, bool] | None:
        """Take the next mark; at the end of a use, the use and whether it ran."""
        match mark:
            case Began(use):
                if (use.key, use.at) not in self._closed:
                    self._open[use.key] = use
                    _bound(self._open, MOST_OPEN)
            case Ended(key, ran):
                ended = self._open.pop(key, None)
                if ended is not None:
                    self._closed[ended.key, ended.at] = None
                    _bound(self._closed, MOST_CLOSED)
                    return ended, ran
            case Delegated():
                pass
        return None


def _bound(entries: "OrderedDict[str, ToolUse] | OrderedDict[tuple[str, float], None]", most: int) -> None:
    if len(entries) > most:
        entries.popitem(last=False)
