"""One immutable, numbered build of rules and configuration, indexed so that a call asks only rules that can match.

Takes a `Build` and the snapshot before it; gives the next one, in which every rule that did not change is the very
object it was. The work is a generator that stops after each small piece, so that an event loop can breathe between.
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import catalogue_with
from security_hooks.dsl.compile import CompiledRule, compile_rule
from security_hooks.dsl.marks import marks_of
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.decision import Tier
from security_hooks.model.shell import Facts
from security_hooks.policy.built import Build, is_in_force
from security_hooks.policy.config_types import Config
from security_hooks.policy.protection import PLACEHOLDER, with_guarded

_RULE = msgspec.msgpack.Decoder(ResolvedRule)
_PLACEHOLDER = PLACEHOLDER.encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules to ask, by what a match of theirs does: object (or watch), allow, or take findings away."""

    objecting: tuple[CompiledRule, ...] = ()
    allowing: tuple[CompiledRule, ...] = ()
    excepting: tuple[CompiledRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rules, configuration and what is known of commands, in force together. A call pins one and never looks for
    another.

    `compiled` goes by the rules' encodings. `by_program` holds the rules that only some programs can match, `by_marks`
    those that need a mark, each with the marks of which it needs one; `indexed` are all of both. `guarded` are the
    paths of the running daemon that the guard's rules protect.
    """

    generation: int
    digest: str
    config: Config
    compiled: Mapping[bytes, CompiledRule]
    always: Asked
    by_program: Mapping[str, Asked]
    indexed: Asked
    by_marks: tuple[tuple[int, Asked], ...] = ()
    of_programs: Asked = Asked()
    catalogue: Catalogue = field(kw_only=True)
    guarded: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """Every rule in force, in no meaningful order."""
        return tuple(self.compiled.values())

    def asked(self, facts: Facts) -> tuple[Asked, ...]:
        """The rules that can match; all with programs where one is not known. One may come twice, for two keys."""
        command, script = facts.command, facts.call.script
        if command is None and script is not None and (script.unparseable or script.over_budget):
            return (self.always, self.indexed)
        marks = marks_of(facts)
        groups = [self.always]
        if marks:
            groups += [asked for needed, asked in self.by_marks if needed & marks]
        if command is None:
            return tuple(groups)
        if command.program is None:
            return (*groups, self.of_programs)
        indexed = self.by_program.get(command.program)
        if indexed is not None:
            groups.append(indexed)
        for wrapper in command.wrappers:
            indexed = self.by_program.get(wrapper.program)
            if indexed is not None:
                groups.append(indexed)
        return tuple(groups)


def assemble(build: Build, generation: int, previous: Snapshot | None = None) -> Generator[None, None, Snapshot]:
    """The snapshot of a build, as the generator's return value; rules that `previous` holds are taken from it.

    Yields after each rule compiled and each batch indexed: no piece takes longer than compiling one rule does, but for
    loading the shipped catalogue where this process has not yet. Raises PolicyError where another version made it.
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
    by_program: dict[str, list[CompiledRule]] = {}
    by_marks: dict[int, list[CompiledRule]] = {}
    for count, rule in enumerate(ordered):
        if rule.keys is None:
            continue
        for program in rule.keys.programs:
            by_program.setdefault(program, []).append(rule)
        if rule.keys.marks:
            by_marks.setdefault(rule.keys.marks, []).append(rule)
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
        always=_by_tier(rule for rule in ordered if rule.keys is None),
        by_program=index,
        by_marks=tuple((marks, _by_tier(rules)) for marks, rules in by_marks.items()),
        of_programs=_by_tier(rule for rule in ordered if rule.keys is not None and rule.keys.programs),
        catalogue=catalogue,
        guarded=build.guarded,
        indexed=_by_tier(rule for rule in ordered if rule.keys is not None),
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
