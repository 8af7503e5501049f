import os
import signal
import subprocess
import sys

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service.running import tell


def test_a_daemon_is_sent_the_signal() -> None:
    words = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()", "serve"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as it:
        assert it.stdout is not None
        # Until it runs, the system does not tell its words.
        it.stdout.readline()
        tell({"pid": it.pid, "since": 1}, signal.SIGTERM)
        assert it.wait(20) == -signal.SIGTERM


@pytest.mark.parametrize(
    "report",
    [
        {"pid": 0, "since": 1},
        {"pid": -1, "since": 1},
        {"pid": "7", "since": 1},
        {"since": 1},
        {"pid": 1 << 30, "since": 1},
    ],
)
def test_what_is_no_process_of_a_daemon_is_left_alone(report: dict[str, int]) -> None:
    with pytest.raises(StartupError, match="restart it where it runs"):
        tell(report, signal.SIGTERM)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_number_that_means_another_process_here_is_left_alone() -> None:
    # Of us it is known that we are no daemon, and what the signal would do.
    with pytest.raises(StartupError, match="which it is not from here"):
        tell({"pid": os.getpid(), "since": 1}, signal.SIGKILL)
