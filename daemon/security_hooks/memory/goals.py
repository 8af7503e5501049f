"""Denied goals: what sessions were told not to do, and which calls would do it by another route.

Kept by family of sessions and by project, each shelf with indexes by path and by host, so that a call costs a few
look-ups whatever is remembered. Time comes in as a value, in seconds; nothing here reads a clock.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

import msgspec

from security_hooks.memory.aims import ROW_OF, SERVED, WRITERS, Aim
from security_hooks.memory.reach import above, is_whole
from security_hooks.memory.subject import Objection
from security_hooks.model.decision import Severity, Verdict
from security_hooks.model.deed import Deed, Deeds, Passage
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.event import Place

MOST = 64
MOST_SHELVES = 512
_RANK = {severity: rank for rank, severity in enumerate(Severity)}

_Key = tuple[Aim, str]


class Denial(msgspec.Struct, frozen=True, gc=False):
    """What all goals of one denial have in common. `verdict` is what its rule said; `rule` and `evidence` are for
    people; `digest` names the policy of that time and `root` whose it was. `is_observed`: it bound nobody.
    """

    verdict: Verdict
    rule: str
    evidence: str
    at: int
    family: str
    project: str | None = None
    root: str | None = None
    digest: str = ""
    is_observed: bool = False


class Goal(msgspec.Struct, frozen=True, gc=False):
    """Something that was denied. `target` is a path, `$VARIABLE`, or object and name of what is mutated; empty where
    only the `host` is known. `is_project`: it is the whole of a project. `is_judged` as in `Objection`.
    """

    aim: Aim
    target: str
    denial: Denial
    host: str | None = None
    is_bound: bool = False
    is_judged: bool = False
    scope: Scope = Scope.UNKNOWN
    is_recursive: bool = False
    is_whole: bool = False
    is_project: bool = False
    severity: int = 0
    action: str = ""
    name: str | None = None


class Route(msgspec.Struct, frozen=True, gc=False):
    """A deed by which a call would reach a goal; perhaps only, where it is not `certain`."""

    goal: Goal
    command: int | None
    certain: bool

    @property
    def verdict(self) -> Verdict:
        """What it is worth: certain routes are as bad as what was denied, the others a question."""
        return self.goal.denial.verdict if self.certain else Verdict.ASK


_DECODER = msgspec.msgpack.Decoder(tuple[str, str, tuple[Goal, ...]])


class _Shelf:
    """The goals of one family or one project, the oldest first."""

    def __init__(self) -> None:
        self.goals: dict[Goal, None] = {}
        self.at: dict[_Key, Goal] = {}
        self.below: dict[_Key, Goal] = {}
        self.hosts: dict[str, Goal] = {}
        self.aims: frozenset[Aim] = frozenset()

    def put(self, goal: Goal) -> None:
        before = self.at.get(_key(goal)) if goal.target else None
        if before is not None and before.denial.verdict > goal.denial.verdict:
            # What was denied stays denied, though something milder is said of it later.
            return
        if before is not None and before.host == goal.host:
            self.goals.pop(before, None)
            goal = msgspec.structs.replace(
                goal,
                is_recursive=goal.is_recursive or before.is_recursive,
                is_judged=goal.is_judged and before.is_judged,
            )
        self.goals[goal] = None
        while len(self.goals) > MOST:
            self.goals.pop(next(iter(self.goals)))
        self._index()

    def fill(self, goals: Iterable[Goal]) -> None:
        """Hold these and no others."""
        self.goals = dict.fromkeys(list(goals)[-MOST:])
        self._index()

    def drop(self, gone: frozenset[Goal]) -> None:
        self.goals = {goal: None for goal in self.goals if goal not in gone}
        self._index()

    def _index(self) -> None:
        self.at, self.below, self.hosts = {}, {}, {}
        self.aims = frozenset(goal.aim for goal in self.goals)
        for goal in self.goals:
            if goal.target:
                self.at[_key(goal)] = goal
            if goal.host is not None:
                self.hosts[goal.host] = goal
            if goal.target.startswith("/") and not goal.is_whole:
                for path in above(goal.target):
                    self.below[goal.aim, path] = goal


class Goals:
    """What is remembered, at most `MOST` goals on each of `MOST_SHELVES` shelves; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._shelves: OrderedDict[tuple[str, str], _Shelf] = OrderedDict()

    def remember(self, objection: Objection, denial: Denial, place: Place) -> None:
        """Keep what a rule objected to."""
        goal = _goal(objection, denial, place)
        if goal is not None:
            self._put(goal)

    def routes(self, deeds: Deeds, family: str, place: Place, since: int) -> tuple[Route, ...]:
        """By what a call would reach goals denied at `since` or later."""
        shelves = self._of(family, place.project)
        if not shelves:
            return ()
        return tuple(
            route for shelf in shelves for route in _routes(shelf, deeds, place) if route.goal.denial.at >= since
        )

    def follow(self, deeds: Deeds, family: str, place: Place, since: int) -> None:
        """Take note of an allowed call: what must not be destroyed must not be where it was moved to, either."""
        if not any(deed.kind is EffectKind.MOVES for deed in deeds.deeds):
            return
        for shelf in self._of(family, place.project):
            if Aim.DESTROY in shelf.aims:
                for goal in tuple(_moved(shelf, deeds, place)):
                    if goal.denial.at >= since:
                        self._put(goal)

    def clear(self, goals: frozenset[Goal]) -> None:
        """Forget goals: a person has permitted what they are about."""
        for shelf in self._shelves.values():
            if not goals.isdisjoint(shelf.goals):
                shelf.drop(goals)

    def expire(self, since: int) -> None:
        """Forget what was denied before `since`."""
        for key, shelf in tuple(self._shelves.items()):
            old = frozenset(goal for goal in shelf.goals if goal.denial.at < since)
            if old:
                shelf.drop(old)
            if not shelf.goals:
                del self._shelves[key]

    def dump(self, since: int) -> Iterator[bytes]:
        """All goals denied at `since` or later, as `restore` takes them: a part for each shelf."""
        for (kind, name), shelf in list(self._shelves.items()):
            goals = tuple(goal for goal in shelf.goals if goal.denial.at >= since)
            if goals:
                yield msgspec.msgpack.encode((kind, name, goals))

    def restore(self, parts: Iterable[bytes]) -> None:
        """Take goals in; raises msgspec.ValidationError or msgspec.DecodeError."""
        for part in parts:
            kind, name, goals = _DECODER.decode(part)
            shelf = self._shelves[kind, name] = _Shelf()
            shelf.fill(goals)
            self._bound()

    def _of(self, family: str, project: str | None) -> list[_Shelf]:
        keys = [("family", family)] + ([] if project is None else [("project", project)])
        return [shelf for key in keys if (shelf := self._shelves.get(key)) is not None]

    def _put(self, goal: Goal) -> None:
        keys = [("family", goal.denial.family)] + (
            [] if goal.denial.project is None else [("project", goal.denial.project)]
        )
        for key in keys:
            self._shelves.setdefault(key, _Shelf()).put(goal)
            self._shelves.move_to_end(key)
        self._bound()

    def _bound(self) -> None:
        while len(self._shelves) > MOST_SHELVES:
            self._shelves.popitem(last=False)


def _goal(objection: Objection, denial: Denial, place: Place) -> Goal | None:
    deed, aim = objection.deed, objection.aim
    target, is_file = "" if deed is None else _source(deed), False
    name: str | None = None
    if aim is Aim.MUTATE and deed is not None:
        name = _name(deed)
        target = f"{deed.object}:{'' if name is None else name}"
    elif aim is not Aim.SEND:
        is_file = True
    if not target and objection.host is None:
        return None
    whole = is_file and is_whole(target, place.home, place.project)
    return Goal(
        aim,
        target,
        denial,
        host=objection.host,
        is_bound=objection.is_bound,
        is_judged=objection.is_judged,
        scope=Scope.UNKNOWN if deed is None else deed.scope,
        is_recursive=deed is not None and (deed.recursive or deed.contents),
        is_whole=whole,
        is_project=whole and target == place.project,
        severity=0 if deed is None else _RANK[deed.action.severity],
        action="" if deed is None else deed.action.value,
        name=name,
    )


def _key(goal: Goal) -> _Key:
    return goal.aim, f"{goal.target} {goal.host}" if goal.is_bound else goal.target


def _source(deed: Deed) -> str:
    return f"${deed.target}" if deed.kind is EffectKind.READS_ENV else deed.target or ""


def _name(deed: Deed) -> str | None:
    """The name of what is mutated. Of a branch, `+main`, `:main`, `HEAD:main` and `refs/heads/main` are one."""
    if deed.object != "git" or deed.target is None:
        return deed.target
    return deed.target.removeprefix("+").rpartition(":")[2].removeprefix("refs/heads/")


def _routes(shelf: _Shelf, deeds: Deeds, place: Place) -> Iterator[Route]:
    moved: dict[str, Goal] = {}
    for deed in deeds.deeds:
        kind = deed.kind
        if kind is EffectKind.MUTATES:
            if Aim.MUTATE in shelf.aims:
                yield from _mutations(shelf, deed)
            continue
        aims = SERVED.get(kind)
        if aims is None:
            continue
        if deed.empties or (kind is EffectKind.MOVES and _is_lost(deed, deeds)):
            aims = (*aims, Aim.DESTROY)
        for aim in aims:
            if aim in shelf.aims and not (aim is Aim.ALTER and kind is EffectKind.WRITES and not _is_writer(deed)):
                yield from _reached(shelf, aim, deed, place)
        if kind is EffectKind.DELETES and deed.target in moved:
            yield Route(moved[deed.target], deed.command, deed.certain)
        if kind is EffectKind.MOVES and Aim.DESTROY in shelf.aims:
            moved.update((goal.target, _at(shelf, deed) or goal) for goal in _moved(shelf, deeds, place, deed))
    if Aim.SEND in shelf.aims:
        for passage in deeds.passages:
            yield from _sendings(shelf, passage)


def _reached(shelf: _Shelf, aim: Aim, deed: Deed, place: Place) -> Iterator[Route]:
    """The goals of an aim that one deed about a path reaches."""
    if deed.target is None:
        if deed.kind is EffectKind.DELETES and aim is Aim.DESTROY:
            yield from _perhaps(shelf, deed, place)
        return
    is_named = deed.kind is EffectKind.NAMES
    for path in (deed.target,) if deed.real is None else (deed.target, deed.real):
        goal = shelf.at.get((aim, path))
        if goal is None and not is_named:
            if deed.recursive or deed.contents:
                goal = None if is_whole(path, place.home, place.project) else shelf.below.get((aim, path))
            if goal is None and ROW_OF[aim].covers_below:
                yield from _covered(shelf, aim, path, deed)
        if goal is None or (is_named and goal.is_whole):
            continue
        if goal.is_judged and deed.kind is ROW_OF[aim].kind:
            # The rule was asked about this very effect, and it did not object.
            continue
        yield Route(goal, deed.command, deed.certain and not is_named)


def _perhaps(shelf: _Shelf, deed: Deed, place: Place) -> Iterator[Route]:
    """The goal that a deletion of nobody knows what may reach: that very path, by what is known of it. About what is as
    large as a home its rule was asked.
    """
    begin, end = deed.ends
    if begin and not end and is_whole(begin.rstrip("/") or "/", place.home, place.project):
        # `find . -name '*.pyc' -delete`: something in it, and nobody says that it is this.
        return
    for goal in shelf.goals:
        if goal.aim is not Aim.DESTROY or goal.is_whole or goal.is_judged:
            continue
        if deed.scope not in (Scope.UNKNOWN, goal.scope) or len(goal.target) < len(begin) + len(end):
            continue
        if goal.target.startswith(begin) and goal.target.endswith(end):
            yield Route(goal, deed.command, False)
            return


def _covered(shelf: _Shelf, aim: Aim, path: str, deed: Deed) -> Iterator[Route]:
    for distance, directory in enumerate(above(path)):
        goal = shelf.at.get((aim, directory))
        if goal is None or not goal.is_recursive:
            continue
        if not goal.is_whole:
            yield Route(goal, deed.command, deed.certain)
        elif distance == 0 and deed.recursive and not goal.is_project:
            # "Delete what you mean by its own name" is what denials of a whole home say: a question, no more.
            yield Route(goal, deed.command, False)


def _mutations(shelf: _Shelf, deed: Deed) -> Iterator[Route]:
    name, severity = _name(deed), _RANK[deed.action.severity]
    for goal in shelf.goals:
        if goal.aim is not Aim.MUTATE or goal.target.partition(":")[0] != deed.object:
            continue
        if name is not None and name == goal.name:
            if severity >= goal.severity:
                yield Route(goal, deed.command, deed.certain)
        elif (name is None or goal.name is None) and deed.action.value == goal.action:
            yield Route(goal, deed.command, False)


def _sendings(shelf: _Shelf, passage: Passage) -> Iterator[Route]:
    source, sink = passage.source, passage.sink
    if sink.kind is not EffectKind.CONNECTS or source.kind not in (EffectKind.READS, EffectKind.READS_ENV):
        return
    texts = [_source(source)] + ([source.real] if source.real is not None else [])
    for text in texts:
        goal = shelf.at.get((Aim.SEND, text)) or shelf.at.get((Aim.SEND, f"{text} {sink.target}")) if text else None
        if goal is not None and not goal.is_judged:
            yield Route(goal, sink.command, passage.certain and source.certain and sink.certain)
            return
    other = None if sink.target is None else shelf.hosts.get(sink.target)
    if other is not None and source.kind is EffectKind.READS and not other.is_bound:
        # Another file to the same host: a copy of the first, perhaps.
        yield Route(other, sink.command, False)


def _is_writer(deed: Deed) -> bool:
    return deed.command is None or deed.action in WRITERS


def _is_lost(deed: Deed, deeds: Deeds) -> bool:
    """Whether what is moved goes into a device, from which nothing comes back."""
    return any(
        other.kind is EffectKind.WRITES and other.scope is Scope.DEVICE and other.command == deed.command
        for other in deeds.deeds
    )


def _at(shelf: _Shelf, deed: Deed) -> Goal | None:
    return None if deed.target is None else shelf.at.get((Aim.DESTROY, deed.target))


def _moved(shelf: _Shelf, deeds: Deeds, place: Place, only: Deed | None = None) -> Iterator[Goal]:
    """The goals that moves take along, as they are at the moves' ends."""
    for deed in deeds.deeds if only is None else (only,):
        goal = _at(shelf, deed) if deed.kind is EffectKind.MOVES else None
        if goal is None:
            continue
        for other in deeds.deeds:
            if other.kind is not EffectKind.WRITES or other.command != deed.command or other.target is None:
                continue
            if not is_whole(other.target, place.home, place.project):
                # What was there before is not part of the goal.
                is_itself = other.target.rpartition("/")[2] == goal.target.rpartition("/")[2]
                recursive = goal.is_recursive and is_itself
                yield msgspec.structs.replace(
                    goal, target=other.target, is_recursive=recursive, is_whole=False, is_judged=False
                )
