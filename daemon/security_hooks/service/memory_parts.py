"""The parts that remember what sessions did, put together: what they see, what they restrain, what of them is saved."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from security_hooks.model.decision import Decision
from security_hooks.service.ask_budget import AskBudget
from security_hooks.service.authors import Authors
from security_hooks.service.budgets import Budgets
from security_hooks.service.call_limits import CallLimits
from security_hooks.service.denied_goals import DeniedGoals
from security_hooks.service.exchange import Exchange
from security_hooks.service.lineage import Lineage
from security_hooks.service.memory_store import Keeper, MemoryStore
from security_hooks.service.restraint import Restraint
from security_hooks.service.secret_values import RememberedSecrets
from security_hooks.service.sessions import Sessions


class MemoryParts:
    """`sessions` is the past that rules may ask about, `secrets` the values that outputs of tools showed, `restraints`
    what makes decisions stricter because of it, `authors` who wrote which file. `is_slow` says of a path whether its
    disk may not answer; `note` records what went wrong with saving.
    """

    def __init__(self, state: Path, is_slow: Callable[[str], bool], note: Callable[[str], None]) -> None:
        self.sessions = Sessions(Lineage())
        self.authors = Authors(is_slow, time.time_ns)
        # The key dies with the process, and with it what the hashes could tell.
        self.secrets = RememberedSecrets(secrets.token_bytes(32))
        self._limits, self._budget, self._goals = CallLimits(), AskBudget(), DeniedGoals()
        self._budgets = Budgets(is_slow)
        # The budget of questions comes last: what is denied anyway is no question.
        self.restraints: tuple[Restraint, ...] = (self.secrets, self._goals, self._budgets, self._limits, self._budget)
        # Sessions come last: they may be more than is ever saved.
        keepers: dict[str, Keeper] = {
            "goals": self._goals,
            "authors": self.authors,
            "budgets": self._budgets,
            "sessions": self.sessions,
        }
        self.store = MemoryStore(state / "memory.bin", keepers, note)

    def taint(self, client: str, session: str) -> None:
        """Something ran in a session that nobody was asked about."""
        self.sessions.taint(client, session)
        self.store.want()

    def saw(self, exchange: Exchange, decision: Decision) -> None:
        """A call was answered."""
        self.authors.hear(exchange, decision)
        self.secrets.see(exchange)
        self.sessions.saw(exchange, decision)
        self._goals.answered(exchange, decision)
        self._budgets.saw(exchange, decision)
        self.store.want()
        self._limits.saw(exchange, decision)
        self._budget.saw(exchange)
