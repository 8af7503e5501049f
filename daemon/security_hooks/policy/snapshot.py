"""One immutable, numbered build of rules and configuration, indexed so that a call asks only rules that can match.

Takes a `Build` and the snapshot before it; gives the next one, in which every rule that did not change is the very
object it was. The work is a generator that stops after each small piece, so that an event loop can breathe between.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import catalogue_with
from security_hooks.dsl.compile import CompiledRule, compile_rule
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.policy.built import Build, is_in_force
from security_hooks.policy.config_types import Config
from security_hooks.policy.index import Index, index_in_steps
from security_hooks.policy.protection import PLACEHOLDER, with_guarded
from security_hooks.policy.stepwise import at_once

_RULE = msgspec.msgpack.Decoder(ResolvedRule)
_PLACEHOLDER = PLACEHOLDER.encode()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rules, configuration and what is known of commands, in force together. A call pins one and never looks for
    another.

    `compiled` goes by the rules' encodings, `index` tells which of them to ask. `guarded` are the paths of the running
    daemon that the guard's rules protect.
    """

    generation: int
    digest: str
    config: Config
    compiled: Mapping[bytes, CompiledRule]
    index: Index
    catalogue: Catalogue = field(kw_only=True)
    guarded: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """Every rule in force, in no meaningful order."""
        return tuple(self.compiled.values())


def assemble(build: Build, generation: int, previous: Snapshot | None = None) -> Generator[None, None, Snapshot]:
    """The snapshot of a build, as the generator's return value; rules that `previous` holds are taken from it.

    Yields after each rule compiled and each batch indexed: no piece takes longer than compiling one rule or a screen of
    patterns does, but for loading the shipped catalogue where this process has not yet. Raises PolicyError where
    another version made it.
    """
    catalogue = catalogue_with(build.catalogue)
    known = previous.compiled if previous is not None else {}
    same = previous is not None and previous.guarded == build.guarded
    compiled: dict[bytes, CompiledRule] = {}
    for encoding in build.rules:
        rule = known.get(encoding) if same or _PLACEHOLDER not in encoding else None
        if rule is None:
            resolved = _RULE.decode(encoding)
            if _PLACEHOLDER in encoding:
                resolved = with_guarded(resolved, build.guarded)
            rule = compile_rule(resolved)
            yield
        if is_in_force(rule.rule, build.config):
            compiled[encoding] = rule
    yield
    ordered = sorted(compiled.values(), key=_rank)
    yield
    index = yield from index_in_steps(ordered, None if previous is None else previous.index)
    return Snapshot(
        generation=generation,
        digest=build.digest,
        config=build.config,
        compiled=compiled,
        index=index,
        catalogue=catalogue,
        guarded=build.guarded,
    )


def assemble_at_once(build: Build, generation: int = 1) -> Snapshot:
    """The snapshot of a build, for whoever has no loop to keep responsive."""
    return at_once(assemble(build, generation))


def _rank(rule: CompiledRule) -> tuple[str, str, int]:
    # By name, so that the order in which files were read can never show.
    return (rule.rule.name, rule.rule.file, rule.rule.line)
