"""A snapshot with what a person has granted on top: another build, another number, everything else shared."""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.policy.built import Build
from security_hooks.policy.snapshot import Snapshot, assemble
from security_hooks.policy.stepwise import at_once


def with_granted(
    build: Build, base: Snapshot, rules: Iterable[ResolvedRule], generation: int
) -> tuple[Build, Snapshot]:
    """The build and the snapshot of a policy with these rules, too; `base` is that of `build`."""
    added = tuple(msgspec.msgpack.encode(rule) for rule in rules)
    digest = hashlib.sha256(b"\0".join((build.digest.encode(), *added))).hexdigest()
    made = replace(build, digest=digest, rules=(*build.rules, *added))
    return made, at_once(assemble(made, generation, base))
