"""What of the running daemon lies elsewhere than the rules that protect the guard say, as globs for those rules."""

import os
from collections.abc import Iterable
from pathlib import Path

from security_hooks.dsl.globs import escaped
from security_hooks.service.offline import real_home

# What `policy/protection.rules` names itself; `~` is the home directory.
KNOWN = (
    "~/.config/security-hooks",
    "~/.local/state/security-hooks",
    "~/.local/share/security-hooks",
    "~/Library/Caches/security-hooks",
    "~/Library/Application Support/security-hooks",
    "/etc/security-hooks",
    "/var/lib/security-hooks",
    "/run/security-hooks",
    "/opt/security-hooks",
    "/usr/lib/security-hooks",
    "/usr/local/lib/security-hooks",
)


def guarded_globs(directories: Iterable[Path], files: Iterable[Path]) -> tuple[str, ...]:
    """Globs for these directories with all in them and for these files, by the names given and by their real ones."""
    home = real_home()
    known = [name.replace("~", home, 1) for name in (*KNOWN, f"/run/user/{os.getuid()}/security-hooks")]
    wanted = [(path, "/**") for path in directories] + [(path, "") for path in files]
    found: dict[str, None] = {}
    for path, below in wanted:
        # Links are followed as they lead now: a call names either end of them.
        for name in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100 - resolve() follows links
            text = os.fsencode(name).decode("utf-8", "replace")
            if not any(text == place or text.startswith(f"{place}/") for place in known):
                found[escaped(text) + below] = None
    return tuple(sorted(found))
