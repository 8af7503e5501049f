"""The one place where what goes wrong on the path of a call is caught: it becomes a failure, and failures deny."""

import traceback
from collections.abc import Callable
from typing import TypeVar

from security_hooks.model.failure import CallError, Failure, Reason

Result = TypeVar("Result")
FRAMES = 8


def attempt(step: Callable[[], Result]) -> Result | Failure:
    """Take a step on the path of a call; whatever it raises is a Failure, defects of ours included."""
    try:
        return step()
    except CallError as error:
        return error.failure
    except Exception:  # noqa: BLE001 - fail closed: no defect may let a call through, or end the daemon
        return Failure(Reason.INTERNAL, traceback.format_exc(limit=-FRAMES))
