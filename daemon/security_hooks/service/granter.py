"""From a person's words to a grant in force: understood, bounded, made a rule, recorded, kept.

Whoever asks must have been found to be a person before. What is refused is said in a sentence for that person.
"""

import asyncio
from collections.abc import Callable

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.policy.config_types import GrantSettings
from security_hooks.policy.grant_rules import PREFIX, liftable, resolved, rule_text
from security_hooks.policy.grant_words import DEFAULT_SECONDS, WHATS, Verb, Wish, read_wish
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.grants import Grant, Grants
from security_hooks.service.permits import ALPHABET

_LENGTH = 4
_NAMED = frozenset({"commands", "rule"})


class Granter:
    """Makes grants. `home` is the person's; `choose` picks one of a text's characters; `append` writes a record or
    raises AuditError.
    """

    def __init__(
        self, grants: Grants, home: str, choose: Callable[[str], str], append: Callable[[AuditRecord], int]
    ) -> None:
        self._grants = grants
        self._home = home
        self._choose = choose
        self._append = append

    async def make(
        self,
        text: str,
        project: str | None,
        snapshot: Snapshot,
        *,
        by: str,
        pid: int,
        client: str = "",
        session: str = "",
    ) -> Grant | str:
        """Put in force what the line says, or say why not; raises AuditError."""
        wish = read_wish(text)
        if isinstance(wish, str):
            return wish
        if project is None:
            return "this directory is no project, so there is nothing that it could hold for"
        seconds = _seconds(wish, snapshot.config.grants)
        if isinstance(seconds, str):
            return seconds
        if wish.session and not session:
            return "`for this session` is for prompts: say how long, like `10m`"
        if self._grants.is_full(project):
            return "there are too many grants already: `security-hooks grants revoke ID` ends one"
        lifts = liftable(wish, snapshot, project, self._home) if wish.verb is Verb.ALLOW else ()
        if wish.verb is Verb.ALLOW and not lifts:
            return _nothing_to_lift(wish)
        identity = self._new_id()
        rule = await asyncio.to_thread(_rule, wish, identity, project, lifts)
        if rule is None:
            return f"`{wish.argument}` is no {wish.what.kind.value} that the rules could be about"
        now = self._grants.now()
        grant = Grant(
            identity,
            project,
            wish.phrase,
            wish.verb.value,
            wish.what.word,
            wish.argument,
            now,
            now + seconds,
            by,
            pid,
            client,
            session if wish.session else "",
            lifts if wish.what.word in _NAMED else (),
        )
        self._record(grant.fields() | {"client": client, "peer_pid": pid})
        try:
            self._grants.add(grant, rule)
        except OSError as error:
            self._record({"id": identity, "refused": f"it cannot be kept: {error.strerror}"})
            return f"it cannot be kept: {error.strerror}"
        return grant

    def _record(self, fields: dict[str, Json]) -> None:
        self._append(AuditRecord(RecordKind.GRANT, int(self._grants.now() * 1e9), fields))

    def _new_id(self) -> str:
        while True:
            identity = "".join(self._choose(ALPHABET) for _ in range(_LENGTH))
            if not self._grants.has(identity):
                return identity


def remade(grant: Grant) -> ResolvedRule | None:
    """The rule of a grant that was kept; None where this version does not know its words. Which rules a plain word
    lifts is found when it is put on top of a policy.
    """
    what = next((what for what in WHATS if what.word == grant.word), None)
    if what is None or grant.verb not in {verb.value for verb in Verb}:
        return None
    wish = Wish(Verb(grant.verb), what, grant.argument, None, False)
    if wish.is_unsafe or (wish.verb is Verb.ALLOW and what.word in _NAMED and not grant.lifts):
        return None
    return _rule(wish, grant.id, grant.project, grant.lifts or ("*",))


def _rule(wish: Wish, identity: str, project: str, lifts: tuple[str, ...]) -> ResolvedRule | None:
    text = rule_text(wish, PREFIX + identity, project, lifts)
    return None if text is None else resolved(text)


def _seconds(wish: Wish, settings: GrantSettings) -> float | str:
    longest = settings.max_minutes * 60
    if wish.session:
        return float(longest)
    if wish.seconds is None:
        return float(min(DEFAULT_SECONDS, longest))
    if wish.seconds > longest:
        return f"that is longer than {settings.max_minutes} minutes (`[grants] max_minutes`)"
    return float(wish.seconds)


def _nothing_to_lift(wish: Wish) -> str:
    match wish.what.word:
        case "rule":
            return f"`{wish.argument}` is no rule that can be lifted: `security-hooks rules list` has them"
        case "commands":
            return f"no rule objects to `{wish.argument}`, or only what protects the guard does"
        case _:
            return "no rule is there to be lifted"
