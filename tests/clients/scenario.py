"""What a scenario is, and what scenarios share."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.clients.conversation import Call
from tests.clients.stage import Stage

ALLOWED, DENIED, ASKED = "marker-allowed", "marker-denied", "marker-asked"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`name` heads its row; `shows` is what is proven where it passes; `needs` names what some clients lack.

    `apart` marks one that takes a machine of its own.
    """

    name: str
    shows: str
    play: Callable[[Stage], None]
    needs: str = ""
    apart: bool = False


def touch(stage: Stage, marker: str) -> Call:
    """The call that makes this empty file in the project."""
    return stage.tools.shell(f"touch {marker}")


def guarded(stage: Stage) -> None:
    """Puts the hook in place and starts the daemon."""
    stage.wire()
    stage.guard.start()
