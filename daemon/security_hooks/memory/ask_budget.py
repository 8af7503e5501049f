"""How many questions an hour a session puts to a person, and for what the last of them are kept. Pure.

Of a budget of questions a third may be spent on anything, two thirds on what is of medium severity, and what is high or
critical reaches the person whatever was spent. Nothing here says what becomes of a call that nobody is asked about, but
that it is never let through.
"""

from security_hooks.model.decision import Severity

SECONDS = 3_600.0
# The largest budget, and so the most that is remembered of one session.
MOST = 1_000
# Of three parts of the budget, how many may be spent on it; what is missing here is always asked about.
_THIRDS = {Severity.INFO: 1, Severity.LOW: 1, Severity.MEDIUM: 2}

# When questions were put, in seconds of a clock that never goes back; the earliest first.
Asked = tuple[float, ...]


def share(per_hour: int, severity: Severity) -> int | None:
    """The questions within an hour behind which this severity is not asked about any more; None: it always is."""
    thirds = _THIRDS.get(severity)
    # Rounded up, so that even the smallest budget has a question for everything.
    return None if per_hour == 0 or thirds is None else -(-per_hour * thirds // 3)


def is_spent(asked: Asked, severity: Severity, per_hour: int, now: float) -> bool:
    """Whether a person is spared one more question of this severity; never with a budget of 0, which is none."""
    most = share(per_hour, severity)
    return most is not None and len(within(asked, now)) >= most


def with_question(asked: Asked, now: float) -> Asked:
    """What is remembered once a question was put."""
    return (*within(asked, now), now)[-MOST:]


def within(asked: Asked, now: float) -> Asked:
    """The questions of the last hour."""
    return tuple(at for at in asked if now - at < SECONDS)
