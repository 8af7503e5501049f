"""The registry of clients."""

from security_hooks.clients import CLIENTS, client_named
from security_hooks.clients.client import AskPolicy


def test_every_client_is_found_by_its_exact_name() -> None:
    assert [client.name for client in CLIENTS] == ["claude-code", "gemini-cli", "codex-cli"]
    assert all(client_named(client.name) is client for client in CLIENTS)
    for name in ("", "claude", "Claude-Code", "claude-code ", "status"):
        assert client_named(name) is None


def test_every_client_can_deny_what_it_cannot_ask() -> None:
    for client in CLIENTS:
        assert AskPolicy.DENY in client.ask_policies
        assert AskPolicy.REWRITE not in client.ask_policies
