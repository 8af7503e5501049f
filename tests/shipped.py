"""The shipped policy as it stands in this checkout, for tests that judge by it."""

from dataclasses import replace

from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.load import load_snapshot

# No script may be over budget because the machine was slow, or Python collected the garbage of the other tests.
_MILLISECONDS = 10_000


def shipped_snapshot() -> Snapshot:
    """The policy with nobody's own rules or configuration, and with time enough to judge by it."""
    here, nowhere = shipped_dir(), "/nonexistent"
    snapshot = load_snapshot(PolicyDirectories(str(here), f"{here}/rules", nowhere, nowhere, nowhere), None)
    limits = replace(snapshot.config.limits, script_milliseconds=_MILLISECONDS)
    return replace(snapshot, config=replace(snapshot.config, limits=limits))
