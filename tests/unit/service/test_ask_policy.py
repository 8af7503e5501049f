import pytest

from security_hooks.clients import client_named
from security_hooks.clients.client import AskPolicy
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.ask_policy import ask_policy


@pytest.mark.parametrize(
    ("client", "configured", "policy"),
    [
        ("claude-code", None, AskPolicy.ASK),
        ("claude-code", "deny", AskPolicy.DENY),
        ("gemini-cli", None, AskPolicy.DENY),
        ("gemini-cli", "ask", AskPolicy.ASK),
        ("codex-cli", None, AskPolicy.DENY),
    ],
)
def test_what_is_configured_wins_over_the_clients_own(client: str, configured: str | None, policy: AskPolicy) -> None:
    known = client_named(client)
    assert known is not None
    given = {} if configured is None else {client: configured}
    assert ask_policy(known, assemble_at_once(Build("d", Config(ask_by_client=given), ()), 1)) is policy
