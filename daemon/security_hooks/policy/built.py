"""What a build leaves behind: plain data that travels from the worker, or from the wheel's build, to the daemon.

Kept apart from `build`, so that whoever only uses a build need not load the parser.
"""

import msgspec

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.diagnostic import Diagnostic
from security_hooks.policy.config_types import Config

SELF_PROTECTION = "self-protection"


class Build(msgspec.Struct, frozen=True):
    """Rules (each in its own encoding) and configuration that hold together; `digest` names the sources' bytes.

    `diagnostics` are warnings only. `full` are the files that were not empty. `catalogue` are the commands that the
    machine and the person describe, packed, without the shipped ones; `guarded` as in `Sources`.
    """

    digest: str
    config: Config
    rules: tuple[bytes, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    full: frozenset[str] = frozenset()
    catalogue: bytes = b""
    guarded: tuple[str, ...] = ()


class Precompiled(msgspec.Struct, frozen=True):
    """The shipped policy, built together with the wheel; `version` is that of the package.

    `stamp` names the code that made it, for a checkout, where the code changes and the version does not.
    """

    version: str
    build: Build
    stamp: str = ""


def rules_of(build: Build) -> tuple[ResolvedRule, ...]:
    """The build's rules, decoded."""
    return tuple(msgspec.msgpack.decode(rule, type=ResolvedRule) for rule in build.rules)


def is_self_protection(rule: ResolvedRule) -> bool:
    """Whether a rule guards us: nothing disables it and nothing lifts its findings."""
    return SELF_PROTECTION in rule.tags


def is_in_force(rule: ResolvedRule, config: Config) -> bool:
    """Whether a rule takes part: `disabled` takes any out but those that guard us."""
    return rule.name not in config.disabled_rules or is_self_protection(rule)
