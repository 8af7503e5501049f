"""What a client is to us: three pure functions between its bytes and our types."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from security_hooks.clients.transcript import Transcripts
from security_hooks.model.decision import Decision
from security_hooks.model.event import HookEvent
from security_hooks.model.failure import Failure
from security_hooks.model.reply import HookReply


class AskPolicy(Enum):
    """What an `ask` about a tool that has not run becomes: `[clients.NAME] ask`. Never an allow.

    No client takes REWRITE (let the client ask about a rewritten command); each treats it as DENY.
    """

    ASK = "ask"
    DENY = "deny"
    REWRITE = "rewrite"


class Encode(Protocol):
    """How a decision becomes a client's reply. `note` is a line for the person alone: a client without a channel that
    its model does not read leaves it out.
    """

    def __call__(self, event: HookEvent, decision: Decision, ask_policy: AskPolicy, note: str = "") -> HookReply:
        """The reply that this client takes as the decision says, or as something stricter."""


@dataclass(frozen=True, slots=True)
class Client:
    """One AI coding agent.

    `decode` raises `CallError` and nothing else, whatever the bytes. `encode` gives a reply that this client takes
    as the decision says, or as something stricter. `fail` gives one that is closed for every event of this client,
    for calls whose event could not be read. `ask_policies` are those it honours, its default first. `programs` are the
    names that its process, its script or the package of its script go by. `tell`
    shows one line to the person when a session starts. `transcripts` are what it writes down itself. `tools` are the
    tools that we know by name. `headless` are words of its command line with which no person types its prompts.
    """

    name: str
    decode: Callable[[bytes], HookEvent]
    encode: Encode
    fail: Callable[[Failure], HookReply]
    ask_policies: tuple[AskPolicy, ...]
    programs: tuple[str, ...]
    tell: Callable[[str], HookReply]
    transcripts: Transcripts
    tools: frozenset[str] = frozenset()
    headless: frozenset[str] = frozenset()
