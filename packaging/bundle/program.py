"""Where the program of the bundle starts: it brings its own interpreter, and must be one for the daemon's workers.

The daemon starts a worker as `sys.executable -I -m security_hooks.service.worker_main ...` (service/worker_process.py).
Here `sys.executable` is this program, which is isolated by construction; it runs this module so and no other.
"""

import os
import sys
from importlib import import_module

RUN = ["-I", "-m"]
WORKER = "security_hooks.service.worker_main"
# How the loader of the bundle talks to itself. Nobody else may load our libraries for it, least of all what we start.
LIBRARIES, BEFORE = "LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG"
LOADER = "_PYI_"


def forget_loader() -> None:
    """Give the environment back as it was before the bundle's loader changed it."""
    for name in [name for name in os.environ if name.startswith(LOADER)]:
        del os.environ[name]
    before = os.environ.pop(BEFORE, None)
    os.environ.pop(LIBRARIES, None)
    if before is not None:
        os.environ[LIBRARIES] = before


def run() -> int:
    """A worker, or the command line."""
    forget_loader()
    if sys.argv[1:3] == RUN and sys.argv[3:4] == [WORKER]:
        worked: int = import_module(WORKER).main(sys.argv[4:])
        return worked
    from security_hooks.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
