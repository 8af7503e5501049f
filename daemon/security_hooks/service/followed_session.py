"""What is known of one session whose transcript is compared with the calls that were answered."""

from collections import OrderedDict

from security_hooks.model.record import Json
from security_hooks.service.answered_calls import AnsweredCalls
from security_hooks.service.transcript_file import MISSING
from security_hooks.service.transcript_messages import Finished, Standing

MOST_SETTLED = 2_048
# A transcript that shows none of so many calls that ran is not written as we read it.
SURE = 3
# How long after the last of them that is sure.
LATE_SECONDS = 10.0


class FollowedSession:
    """One session since `since` (Unix time in seconds). `refused` says why its transcript is not followed, if so."""

    def __init__(self, client: str, session: str, since: float, refused: str) -> None:
        self.client = client
        self.session = session
        self.since = since
        self.refused = refused
        self.calls = AnsweredCalls()
        # Calls answered, calls of which a hook told afterwards that they ran, and when it last did.
        self.answered = 0
        self.followed_up = 0
        self.heard_at = since
        # What the transcript shows: tool uses that ran and were answered, that were not, and that no hook tells of.
        self.seen = 0
        self.unseen = 0
        self.unhooked = 0
        # When each transcript was last asked for.
        self.looked_at: dict[str, float] = {}
        self._standings: dict[str, Standing] = {}
        self._settled: OrderedDict[tuple[str, str, float], None] = OrderedDict()
        self._settled_until = float("-inf")

    def settle(self, finished: Finished) -> bool:
        """Whether this use is a new one: after a restart the reading process tells of many again."""
        key = (finished.path, finished.use.key, finished.use.at)
        if key in self._settled or finished.use.at <= self._settled_until:
            return False
        self._settled[key] = None
        if len(self._settled) > MOST_SETTLED:
            (_, _, at), _ = self._settled.popitem(last=False)
            if at != float("inf"):
                self._settled_until = max(self._settled_until, at)
        return True

    def stands(self, standing: Standing) -> None:
        """How it goes with one of its transcripts."""
        self._standings[standing.path] = standing

    def why_unmeasured(self, now: float) -> str:
        """Why what ran in it cannot be told, or not all of it; empty where it can."""
        if self.refused:
            return self.refused
        if not self._standings:
            return "" if self._is_early(now) else "its transcript was not read yet"
        for standing in self._standings.values():
            if standing.problem and not (standing.problem == MISSING and self._is_early(now)):
                return f"transcript {standing.path}: {standing.problem}"
            if standing.unread:
                return f"transcript {standing.path}: {standing.unread} lines cannot be read"
        if self.followed_up >= SURE and not self.seen and not self._is_early(now):
            return f"its transcript shows none of {self.followed_up} calls that ran"
        return ""

    def _is_early(self, now: float) -> bool:
        return now - self.heard_at < LATE_SECONDS

    def report(self, now: float) -> Json:
        """Plain data for `status`."""
        return {
            "client": self.client,
            "session": self.session,
            "answered": self.answered,
            "seen": self.seen,
            "unseen": self.unseen,
            "unhooked": self.unhooked,
            "unmeasured": self.why_unmeasured(now),
        }
