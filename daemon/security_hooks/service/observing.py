"""Whether the machine's configuration, as it is on the disk, only observes: for where no policy is there to say it."""

from pathlib import Path

from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.config import build_config
from security_hooks.policy.config_types import Mode
from security_hooks.policy.source import PolicyDirectories
from security_hooks.policy.source_layers import read_layers


def says_observe(directories: PolicyDirectories) -> bool:
    """True where every layer but a project's can be used, and `mode` comes to `observe`."""
    shipped, system, user = (Path(place) for place in (directories.shipped, directories.system, directories.config))
    try:
        config, _ = build_config(read_layers(shipped, system, user, None, trusted=False))
    except PolicyError:
        return False
    # With an error in any of them this is the built-in configuration, which enforces.
    return config.mode is Mode.OBSERVE
