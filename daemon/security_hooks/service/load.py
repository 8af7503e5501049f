"""The policy for commands that run without a daemon: the same sources, the same build, once."""

from pathlib import Path

from msgspec.structs import replace

from security_hooks.catalogue.load import shipped
from security_hooks.install.bundle import bundle_directory
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.built import Build
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import PolicyDirectories, Sources, read_sources
from security_hooks.service.directories import SYSTEM_DIR, config_dir, shipped_dir, state_dir
from security_hooks.service.guarded import guarded_globs
from security_hooks.service.last_good import LastGood, code_stamp, file_for, load, load_precompiled


def policy_directories(
    config: Path | None, rules: Path | None, state: Path | None, socket: Path | None = None
) -> PolicyDirectories:
    """Where policy is read from, given `--config-dir`, `--rules` and `--state-dir`; `socket` is to be guarded too."""
    packaged = shipped_dir()
    user, ours = config_dir(config).absolute(), state_dir(state).absolute()
    in_use = [SYSTEM_DIR, user, ours] if rules is None else [SYSTEM_DIR, user, ours, rules.absolute()]
    bundle = bundle_directory()
    in_use += [] if bundle is None else [bundle]
    return PolicyDirectories(
        shipped=str(packaged),
        rules=str(rules.absolute() if rules is not None else packaged / "rules"),
        system=str(SYSTEM_DIR),
        config=str(user),
        state=str(ours),
        guarded=guarded_globs(in_use, [] if socket is None else [socket]),
    )


def load_snapshot(directories: PolicyDirectories, root: str | None) -> Snapshot:
    """The snapshot of what is on the disk now, with a project's own rules where `root` has some; raises PolicyError."""
    sources = read_sources(directories, root)
    return assemble_at_once(made_before(directories, sources) or _build(sources))


def made_before(directories: PolicyDirectories, sources: Sources) -> Build | None:
    """The build of these very sources by this very code, if the wheel or the daemon has left one."""
    precompiled = load_precompiled(directories.shipped)
    if precompiled is not None and precompiled.digest == sources.digest:
        return replace(precompiled, guarded=sources.guarded)
    kept = load(file_for(directories.state, None), LastGood)
    if kept is None or kept.build.digest != sources.digest or kept.stamp != code_stamp():
        return None
    return replace(kept.build, guarded=sources.guarded)


def start_build(directories: PolicyDirectories) -> Build | None:
    """`made_before` for the machine's sources as they are now; None too where they cannot be read."""
    try:
        sources = read_sources(directories)
    except PolicyError:
        return None
    return None if sources.problems else made_before(directories, sources)


def _build(sources: Sources) -> Build:
    # Imported where it is needed: the parser costs more than a whole call of `check`.
    from security_hooks.policy.build import BuildCache, build

    return build(sources, BuildCache(), shipped())
