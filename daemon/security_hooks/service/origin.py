"""Who started this daemon, as far as the environment tells."""

from collections.abc import Mapping
from enum import Enum

LAUNCHD_LABEL = "security-hooks"


class Origin(Enum):
    """The value is what `status` says."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    ON_DEMAND = "on demand"
    HAND = "by hand"


def origin_of(environment: Mapping[str, str], pid: int, *, on_demand: bool) -> Origin:
    """A manager's variables are inherited by all that its services start: only those that name us count."""
    if environment.get("SYSTEMD_EXEC_PID") == str(pid) and environment.get("INVOCATION_ID"):
        return Origin.SYSTEMD
    if environment.get("XPC_SERVICE_NAME") == LAUNCHD_LABEL:
        return Origin.LAUNCHD
    return Origin.ON_DEMAND if on_demand else Origin.HAND
