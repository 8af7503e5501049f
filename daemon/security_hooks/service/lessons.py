"""Kinds of approved asks to proposals, each tried in the policy and proven over the log to change nothing else.

A program that is asked about because nobody knows it becomes an entry of `executables.allowed`; any other command an
`except` for the rules that asked, which is about the command as it is written. Nothing is written here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.format import format_rules
from security_hooks.model.decision import Tier, Verdict
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_edit import add_names
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import row_of
from security_hooks.policy.config_types import Layer
from security_hooks.policy.decide import decide
from security_hooks.policy.drafting import appended
from security_hooks.policy.example_call import shell_call
from security_hooks.policy.propose import Draft, passing_examples, propose
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.judge import Judgement
from security_hooks.service.kinds import Kind, asked_commands
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.recall import Case

MOST_LESSONS = 50
KNOWN = ("executables", "allowed")
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


class Ground(Enum):
    """What a lesson is drawn from; the value is what it says of a call."""

    APPROVED = "approved"
    OBSERVED = "let run in observe mode"


_REASONS = {
    Ground.APPROVED: "learned from what a person approved",
    Ground.OBSERVED: "learned from what ran in observe mode, where nobody was asked",
}


@dataclass(frozen=True, slots=True)
class Files:
    """Where a lesson is written: the user's rule file and configuration, by the names that the sources call them."""

    rules: str
    config: str


@dataclass(slots=True)
class Lesson:
    """A proposal. `program` is the entry of the list, None for an `except`; `text` the rule or the entry; `content` is
    what its `file` would hold. `changed` and `wrong` count past calls: of its own kinds, and any other.
    """

    program: str | None
    text: str
    file: str
    content: bytes
    snapshot: Snapshot
    kinds: tuple[Kind, ...]
    changed: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def ran(self) -> int:
        """How many calls that ran it would have let through unasked."""
        return _approved(self.kinds)

    @property
    def blind(self) -> int:
        """How many more were approved before anybody can have read the question: evidence of nothing."""
        return len(blind_approvals(self.kinds))

    @property
    def span(self) -> tuple[str, str]:
        """When it was first and last approved."""
        return _span(self.kinds)

    @property
    def asked(self) -> int:
        """How many times it was asked about at all, whatever came of it."""
        return sum(kind.asked for kind in self.kinds)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that asked."""
        return tuple(sorted({rule for kind in self.kinds for rule in kind.rules}))


class Teacher:
    """Makes lessons for one policy, as its sources are now; raises PolicyError where that cannot be built. `today` is a
    date for the comments.
    """

    def __init__(self, sources: Sources, files: Files, today: str, ground: Ground = Ground.APPROVED) -> None:
        self._ground = ground
        self._sources = sources
        self._files = files
        self._today = today
        self._cache = BuildCache()
        self.snapshot = self._built(sources)

    def lessons(self, kinds: Sequence[Kind], least: int) -> tuple[Lesson, ...]:
        """A lesson for each kind, or program, that was approved at least so many times; the first approved first."""
        found: list[Lesson] = []
        settled: set[int] = set()
        for program in dict.fromkeys(kind.program for kind in kinds):
            of_program = [kind for kind in kinds if kind.program == program]
            if program is None or _approved(of_program) < least:
                continue
            lesson = self._entry(program, of_program)
            if lesson is not None and lesson.ran >= least:
                found.append(lesson)
                settled |= set(map(id, lesson.kinds))
        rest = (kind for kind in kinds if id(kind) not in settled and len(kind.approved) >= least)
        found += [lesson for lesson in map(self._exception, rest) if lesson is not None]
        # So that a number means the same proposal while the log grows.
        found.sort(key=lambda lesson: (lesson.span[0], lesson.text))
        return tuple(found[:MOST_LESSONS])

    def prove(self, lessons: Sequence[Lesson], cases: Iterable[Case]) -> None:
        """Judge past calls again without and with each lesson, and count in it what changes."""
        for case in cases:
            before = _judge(case, self.snapshot)
            programs = _programs(before)
            for lesson in lessons:
                # An exception takes findings away, and there are none; a list speaks of its program alone.
                if not before.decision.findings and (lesson.program is None or lesson.program not in programs):
                    continue
                after = _judge(case, lesson.snapshot)
                if after.decision.would is before.decision.would:
                    continue
                if after.decision.would is Verdict.ALLOW and _is_about(lesson, before):
                    lesson.changed += 1
                else:
                    lesson.wrong.append(case.name)

    def _entry(self, program: str, kinds: Sequence[Kind]) -> Lesson | None:
        row = row_of(KNOWN)
        if not _PROGRAM.fullmatch(program) or not isinstance(row, Names):
            return None
        if program in self.snapshot.config.lists.get("allowed_executables", ()):
            return None
        mine = next(
            (layer for layer in self._sources.layers if layer.path == self._files.config),
            Layer("user", self._files.config, b""),
        )
        try:
            edited = add_names(mine.text.decode("utf-8"), mine.path, row, (program,), frozenset())
            after = Layer("user", mine.path, self._noted(mine.text.decode("utf-8"), edited, kinds).encode())
            snapshot = self._built(msgspec.structs.replace(self._sources, layers=self._with(after)))
        except (PolicyError, UnicodeDecodeError):
            return None
        settled = tuple(kind for kind in kinds if _lets_pass(snapshot, kind.command))
        if not settled:
            return None
        return Lesson(program, program, mine.path, after.text, snapshot, settled)

    def _exception(self, kind: Kind) -> Lesson | None:
        call = shell_call(kind.command, self.snapshot.catalogue)
        mine = next((file for file in self._sources.rules if file.path == self._files.rules), None)
        draft = Draft(
            Tier.EXCEPT,
            _name(kind),
            propose(call, Tier.EXCEPT)[0],
            (kind.command,),
            passing_examples(call, Tier.EXCEPT),
            kind.rules,
            (self._evidence((kind,)),),
            reason=_REASONS[self._ground],
        )
        text = format_rules(draft.text, self._files.rules)
        content = appended(b"" if mine is None else mine.data, text)
        others = tuple(file for file in self._sources.rules if file.path != self._files.rules)
        rules = (*others, RuleFile("user", self._files.rules, content))
        try:
            snapshot = self._built(msgspec.structs.replace(self._sources, rules=rules))
        except PolicyError:
            return None
        if not _lets_pass(snapshot, kind.command):
            return None
        return Lesson(None, text, self._files.rules, content, snapshot, (kind,))

    def _with(self, after: Layer) -> tuple[Layer, ...]:
        layers = self._sources.layers
        if any(layer.path == after.path for layer in layers):
            return tuple(after if layer.path == after.path else layer for layer in layers)
        # Before what overrides it: the layers of the user that are there already, and of a project.
        at = next((index for index, layer in enumerate(layers) if layer.name in {"user", "project"}), len(layers))
        return (*layers[:at], after, *layers[at:])

    def _noted(self, before: str, edited: str, kinds: Sequence[Kind]) -> str:
        """The file with a comment above the first line that is new."""
        old, new = before.splitlines(keepends=True), edited.splitlines(keepends=True)
        at = next((index for index, line in enumerate(new) if index >= len(old) or old[index] != line), len(new))
        return "".join((*new[:at], f"# {self._evidence(kinds)}\n", *new[at:]))

    def _evidence(self, kinds: Sequence[Kind]) -> str:
        approved = _approved(kinds)
        first, last = _span(kinds)
        times = "once" if approved == 1 else f"{approved} times"
        # A name may hold anything, the end of the comment included.
        name = kinds[0].program or ""
        what = name if _PROGRAM.fullmatch(name) else "this command"
        return f"Learned on {self._today}: {what} was {self._ground.value} {times}, {first[:10]} to {last[:10]}."

    def _built(self, sources: Sources) -> Snapshot:
        return assemble_at_once(build(sources, self._cache, shipped()))


def blind_approvals(kinds: Iterable[Kind]) -> set[str]:
    """The records of kinds that were approved before anybody can have read the question."""
    return set[str]().union(*(kind.blind for kind in kinds))


def read_approvals(kinds: Iterable[Kind]) -> set[str]:
    """The records of kinds that were approved in time enough."""
    return set[str]().union(*(kind.approved for kind in kinds))


def _approved(kinds: Iterable[Kind]) -> int:
    return len(read_approvals(kinds))


def _span(kinds: Sequence[Kind]) -> tuple[str, str]:
    approved = [kind for kind in kinds if kind.approved]
    return min(kind.first for kind in approved), max(kind.last for kind in approved)


def _judge(case: Case, snapshot: Snapshot) -> Judgement:
    return Offline(snapshot, fictitious_project).placed(case.event, case.place)


def _programs(judgement: Judgement) -> frozenset[str | None]:
    script = None if judgement.call is None else judgement.call.script
    return frozenset() if script is None else frozenset(command.program for command in script.commands)


def _lets_pass(snapshot: Snapshot, command: str) -> bool:
    return decide(snapshot, shell_call(command, snapshot.catalogue)).would is Verdict.ALLOW


def _is_about(lesson: Lesson, before: Judgement) -> bool:
    """Whether everything that was asked about in the call is of the lesson's kinds."""
    asked = asked_commands(before)
    if lesson.program is not None:
        return bool(asked) and all(command.program == lesson.program for command, _ in asked)
    return bool(asked) and all((command.text, rules) == _key(lesson.kinds[0]) for command, rules in asked)


def _key(kind: Kind) -> tuple[str, tuple[str, ...]]:
    return kind.command, kind.rules


def _name(kind: Kind) -> str:
    """The same name for the same kind, whatever else was learned."""
    digest = hashlib.sha256("\0".join((kind.command, *kind.rules)).encode()).hexdigest()[:8]
    words = _NOT_IN_NAMES.sub("-", (kind.program or "command").lower()).strip("-")[:30].strip("-")
    return f"learned-{words or 'command'}-{digest}"


def unproven(lessons: Iterable[Lesson]) -> Iterator[Lesson]:
    """The lessons that would change other calls too, or none of those that taught them."""
    return (lesson for lesson in lessons if lesson.wrong or not lesson.changed)
