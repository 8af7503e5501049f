"""One file per AI coding agent: payload to event, decision to reply."""

from security_hooks.clients import claude_code, codex, gemini
from security_hooks.clients.client import Client

CLIENTS: tuple[Client, ...] = (claude_code.CLIENT, gemini.CLIENT, codex.CLIENT)
_BY_NAME = {client.name: client for client in CLIENTS}


def client_named(name: str) -> Client | None:
    """The client with exactly this name."""
    return _BY_NAME.get(name)
