"""The parts that remember what sessions did, put together: what they see, what they restrain, what of them is saved."""

import secrets
from pathlib import Path

from security_hooks.model.decision import Decision
from security_hooks.service.ask_budget import AskBudget
from security_hooks.service.call_limits import CallLimits
from security_hooks.service.exchange import Exchange
from security_hooks.service.lineage import Lineage
from security_hooks.service.memory_store import MemoryStore
from security_hooks.service.restraint import Restraint
from security_hooks.service.secret_values import RememberedSecrets
from security_hooks.service.sessions import Sessions


class MemoryParts:
    """`sessions` is the past that rules may ask about, `secrets` the values that outputs of tools showed, `restraints`
    what makes decisions stricter because of it.
    """

    def __init__(self, state: Path) -> None:
        self.sessions = Sessions(Lineage())
        # The key dies with the process, and with it what the hashes could tell.
        self.secrets = RememberedSecrets(secrets.token_bytes(32))
        self._limits, self._budget = CallLimits(), AskBudget()
        # The budget comes last: what is denied anyway is no question.
        self.restraints: tuple[Restraint, ...] = (self.secrets, self._limits, self._budget)
        self.store = MemoryStore(state / "memory.bin", {"sessions": self.sessions})

    def saw(self, exchange: Exchange, decision: Decision) -> None:
        """A call was answered."""
        self.secrets.see(exchange)
        self.sessions.saw(exchange, decision)
        self.store.want()
        self._limits.saw(exchange, decision)
        self._budget.saw(exchange)
