"""The policy for commands that run without a daemon: the same sources, the same build, once."""

from pathlib import Path

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.built import Build
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import PolicyDirectories, Sources, read_sources
from security_hooks.service.directories import SYSTEM_DIR, config_dir, shipped_dir, state_dir
from security_hooks.service.last_good import LastGood, code_stamp, file_for, load, load_precompiled


def policy_directories(config: Path | None, rules: Path | None, state: Path | None) -> PolicyDirectories:
    """Where policy is read from, given `--config-dir`, `--rules` and `--state-dir`."""
    packaged = shipped_dir()
    return PolicyDirectories(
        shipped=str(packaged),
        rules=str(rules.absolute() if rules is not None else packaged / "rules"),
        system=str(SYSTEM_DIR),
        config=str(config_dir(config).absolute()),
        state=str(state_dir(state).absolute()),
    )


def load_snapshot(directories: PolicyDirectories, root: str | None, catalogue: Catalogue) -> Snapshot:
    """The snapshot of what is on the disk now, with a project's own rules where `root` has some; raises PolicyError."""
    sources = read_sources(directories, root)
    return assemble_at_once(made_before(directories, sources) or _build(sources, catalogue))


def made_before(directories: PolicyDirectories, sources: Sources) -> Build | None:
    """The build of these very sources by this very code, if the wheel or the daemon has left one."""
    digest = sources.digest
    precompiled = load_precompiled(directories.shipped)
    if precompiled is not None and precompiled.digest == digest:
        return precompiled
    kept = load(file_for(directories.state, None), LastGood)
    if kept is not None and kept.build.digest == digest and kept.stamp == code_stamp():
        return kept.build
    return None


def start_build(directories: PolicyDirectories) -> Build | None:
    """`made_before` for the machine's sources as they are now; None too where they cannot be read."""
    try:
        sources = read_sources(directories)
    except PolicyError:
        return None
    return None if sources.problems else made_before(directories, sources)


def _build(sources: Sources, catalogue: Catalogue) -> Build:
    # Imported where it is needed: the parser costs more than a whole call of `check`.
    from security_hooks.policy.build import BuildCache, build

    return build(sources, BuildCache(), catalogue)
