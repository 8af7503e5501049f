import pytest

from security_hooks.clients import CLIENTS, client_named
from security_hooks.model.event import ToolKind
from security_hooks.wiring.canary import SCRIPT, canary, is_denied
from security_hooks.wiring.table import CLIENTS as WIRED


def test_the_table_has_every_client() -> None:
    assert {client.name for client in WIRED} == {client.name for client in CLIENTS}


@pytest.mark.parametrize("name", [client.name for client in WIRED])
def test_the_canary_is_read_as_a_shell_call(name: str) -> None:
    client = client_named(name)
    assert client is not None
    tool = client.decode(canary(name)).tool
    assert tool is not None
    assert (tool.kind, tool.script) == (ToolKind.SHELL, SCRIPT)


# Each row is one that the real client was seen to take like this.
@pytest.mark.parametrize(
    ("client", "status", "stdout", "stderr", "denied"),
    [
        ("claude-code", 2, "", "", True),
        ("claude-code", 0, '{"hookSpecificOutput":{"permissionDecision":"deny"}}', "", True),
        ("claude-code", 0, '{"hookSpecificOutput":{"permissionDecision":"deny"}', "", False),
        ("claude-code", 0, '{"permissionDecision":"deny"}', "", False),
        ("claude-code", 0, '{"hookSpecificOutput":[]}', "", False),
        ("claude-code", 1, "denied", "denied", False),
        ("gemini-cli", 0, '{"decision":"deny"}', "", True),
        ("gemini-cli", 2, '{"decision":"block"}', "x", True),
        ("gemini-cli", 2, "", "text", True),
        ("gemini-cli", 2, "", "", False),
        ("gemini-cli", 2, "{}", "text", False),
        ("gemini-cli", 2, "", '{"a":1}', False),
        ("gemini-cli", 1, "", "text", False),
        ("gemini-cli", -9, "", "text", False),
        ("gemini-cli", 0, '["deny"]', "", False),
        ("codex-cli", 2, "", "text", True),
        ("codex-cli", 2, "text", " \n", False),
        ("codex-cli", 1, "", "text", False),
        ("codex-cli", 0, "", "text", False),
    ],
)
def test_only_what_the_client_takes_for_a_denial_is_one(
    client: str, status: int, stdout: str, stderr: str, denied: bool
) -> None:
    assert is_denied(client, status, stdout, stderr) is denied
