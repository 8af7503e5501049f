"""One immutable, numbered build of rules and configuration, indexed so that a call asks only rules that can match.

Takes a `Build` and the snapshot before it; gives the next one, in which every rule that did not change is the very
object it was. The work is a generator that stops after each small piece, so that an event loop can breathe between.
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from security_hooks.dsl.compile import CompiledRule, compile_rule
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.decision import Tier
from security_hooks.model.shell import Facts
from security_hooks.policy.built import Build, is_in_force
from security_hooks.policy.config_types import Config

_RULE = msgspec.msgpack.Decoder(ResolvedRule)


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules to ask, by what a match of theirs does: object (or watch), allow, or take findings away."""

    objecting: tuple[CompiledRule, ...] = ()
    allowing: tuple[CompiledRule, ...] = ()
    excepting: tuple[CompiledRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rules and configuration in force together. A call pins one and never looks for another.

    `compiled` goes by the rules' encodings, `by_program` holds the rules that only some programs can match.
    """

    generation: int
    digest: str
    config: Config
    compiled: Mapping[bytes, CompiledRule]
    always: Asked
    by_program: Mapping[str, Asked]
    indexed: Asked

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """Every rule in force, in no meaningful order."""
        return tuple(self.compiled.values())

    def asked(self, facts: Facts) -> tuple[Asked, ...]:
        """The rules that can match; every one where a program is not known. One may come twice, for two programs."""
        command, script = facts.command, facts.call.script
        if command is None:
            is_unread = script is not None and (script.unparseable or script.over_budget)
            return (self.always, self.indexed) if is_unread else (self.always,)
        if command.program is None:
            return (self.always, self.indexed)
        indexed = self.by_program.get(command.program)
        groups: tuple[Asked, ...] = (self.always,) if indexed is None else (self.always, indexed)
        if command.wrappers:
            by_wrapper = (self.by_program.get(wrapper.program) for wrapper in command.wrappers)
            groups += tuple(group for group in by_wrapper if group is not None)
        return groups


def assemble(build: Build, generation: int, previous: Snapshot | None = None) -> Generator[None, None, Snapshot]:
    """The snapshot of a build, as the generator's return value; rules that `previous` holds are taken from it.

    Yields after each rule compiled and each batch indexed: no piece takes longer than compiling one rule does.
    """
    known = previous.compiled if previous is not None else {}
    compiled: dict[bytes, CompiledRule] = {}
    for encoding in build.rules:
        rule = known.get(encoding)
        if rule is None:
            rule = compile_rule(_RULE.decode(encoding))
            yield
        if is_in_force(rule.rule, build.config):
            compiled[encoding] = rule
    yield
    ordered = sorted(compiled.values(), key=_rank)
    yield
    by_program: dict[str, list[CompiledRule]] = {}
    for count, rule in enumerate(ordered):
        for program in rule.programs or ():
            by_program.setdefault(program, []).append(rule)
        if count % 64 == 0:
            yield
    index: dict[str, Asked] = {}
    for count, (program, rules) in enumerate(by_program.items()):
        index[program] = _by_tier(rules)
        if count % 64 == 0:
            yield
    return Snapshot(
        generation=generation,
        digest=build.digest,
        config=build.config,
        compiled=compiled,
        always=_by_tier(rule for rule in ordered if rule.programs is None),
        by_program=index,
        indexed=_by_tier(rule for rule in ordered if rule.programs is not None),
    )


def assemble_at_once(build: Build, generation: int = 1) -> Snapshot:
    """The snapshot of a build, for whoever has no loop to keep responsive."""
    steps = assemble(build, generation)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            snapshot: Snapshot = end.value
            return snapshot


def _rank(rule: CompiledRule) -> tuple[str, str, int]:
    # By name, so that the order in which files were read can never show.
    return (rule.rule.name, rule.rule.file, rule.rule.line)


def _by_tier(rules: Iterable[CompiledRule]) -> Asked:
    objecting: list[CompiledRule] = []
    allowing: list[CompiledRule] = []
    excepting: list[CompiledRule] = []
    for rule in rules:
        match rule.rule.tier:
            case Tier.ALLOW:
                allowing.append(rule)
            case Tier.EXCEPT:
                excepting.append(rule)
            case _:
                objecting.append(rule)
    return Asked(tuple(objecting), tuple(allowing), tuple(excepting))
