"""A machine of a scenario's own: the files below /etc, which it may change and nobody else sees."""

import subprocess
from pathlib import Path

_MOUNT = 'mount -t tmpfs none "$0" && mkdir "$0/up" "$0/aside" && ' + (
    'mount -t overlay none -o lowerdir=/etc,upperdir="$0/up",workdir="$0/aside" /etc && echo ready && exec cat'
)


class Apart:
    """A mount name space, for as long as the object is not ended; `enter` puts a command into it."""

    def __init__(self, place: Path) -> None:
        place.mkdir()
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", _MOUNT, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._holder.stdout is not None
        self.is_there = self._holder.stdout.readline() == b"ready\n"
        self.enter = ("nsenter", "-t", str(self._holder.pid), "-m", "sh", "-c", 'cd "$0" && exec "$@"')

    def end(self) -> None:
        """Lets it go."""
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait()


def why_not(place: Path) -> str | None:
    """Why no such machine can be had here; None where one can."""
    if Path("/etc").stat().st_uid != 0:
        return "/etc is not root's here"
    try:
        apart = Apart(place)
    except OSError:
        return "unshare is not installed"
    apart.end()
    return None if apart.is_there else "no files below /etc of one's own can be mounted here"
