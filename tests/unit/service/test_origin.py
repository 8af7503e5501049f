import pytest

from security_hooks.service.origin import LAUNCHD_LABEL, Origin, origin_of

SYSTEMD = {"SYSTEMD_EXEC_PID": "7", "INVOCATION_ID": "0123"}


@pytest.mark.parametrize(
    ("environment", "on_demand", "origin"),
    [
        (SYSTEMD, False, Origin.SYSTEMD),
        # What a service of systemd's starts inherits its variables.
        (SYSTEMD | {"SYSTEMD_EXEC_PID": "6"}, False, Origin.HAND),
        (SYSTEMD | {"SYSTEMD_EXEC_PID": "6"}, True, Origin.ON_DEMAND),
        ({"XPC_SERVICE_NAME": LAUNCHD_LABEL}, False, Origin.LAUNCHD),
        ({"XPC_SERVICE_NAME": "application.terminal"}, False, Origin.HAND),
        ({}, True, Origin.ON_DEMAND),
        ({}, False, Origin.HAND),
    ],
)
def test_only_variables_that_name_this_process_count(
    environment: dict[str, str], on_demand: bool, origin: Origin
) -> None:
    assert origin_of(environment, 7, on_demand=on_demand) is origin
