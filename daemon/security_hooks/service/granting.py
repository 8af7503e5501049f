"""The policy of a project with its grants on top: made when it is first asked for, and again when either changed."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.policy.built import Build
from security_hooks.policy.grant_rules import fitted
from security_hooks.policy.granted import with_granted
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.grants import Grants

MOST = 32


class _Made(msgspec.Struct, frozen=True):
    ids: tuple[str, ...]
    build: Build
    snapshot: Snapshot


class Granting:
    """`build_of` gives the build of a snapshot in force, `number` a generation that no snapshot has had."""

    def __init__(self, grants: Grants, build_of: Callable[[int], Build | None], number: Callable[[], int]) -> None:
        self._grants = grants
        self._build_of = build_of
        self._number = number
        self._made: OrderedDict[tuple[int, str], _Made] = OrderedDict()

    def over(self, base: Snapshot, project: str | None) -> Snapshot:
        """The snapshot that holds for calls in a project; `base` itself where nothing is granted. Raises CallError."""
        held = self._grants.of(project)
        if not held or project is None:
            return base
        ids = tuple(item.grant.id for item in held)
        key = (base.generation, project)
        known = self._made.get(key)
        if known is not None and known.ids == ids:
            self._made.move_to_end(key)
            return known.snapshot
        build = self._build_of(base.generation)
        if build is None:
            raise CallError(Failure(Reason.INTERNAL, f"the build of generation {base.generation} is gone"))
        rules = [fitted(item.rule, item.grant.word, base) for item in held]
        made, snapshot = with_granted(build, base, rules, self._number())
        self._made[key] = _Made(ids, made, snapshot)
        self._made.move_to_end(key)
        while len(self._made) > MOST:
            self._made.popitem(last=False)
        return snapshot

    def build_of(self, generation: int) -> Build | None:
        """What a snapshot was made of, one with grants included."""
        for made in self._made.values():
            if made.snapshot.generation == generation:
                return made.build
        return self._build_of(generation)
