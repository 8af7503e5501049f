"""Everyday calls, as recorded, pass the shipped policy; what nobody can read beforehand is asked about."""

from pathlib import Path

import pytest
from tests.shipped import shipped_snapshot

from security_hooks.model.decision import Verdict
from security_hooks.service.offline import Offline, fictitious_project

HERE = Path(__file__).parent
PAYLOADS = sorted(HERE.glob("*/*.in.json"))
# Another language, a prompt for later, keystrokes for a terminal, somebody else's program, a server's own shell,
# what a server says that it deletes.
ASKED = frozenset(
    {
        "claude-code/PreToolUse.CronCreate",
        "claude-code/PreToolUse.PowerShell",
        "claude-code/PreToolUse.ScheduleWakeup",
        "claude-code/PreToolUse.Workflow",
        "codex-cli/permission_request.write_stdin",
        "codex-cli/pre_tool_use.mcp__demo__delete_it",
        "gemini-cli/BeforeTool.discovered_tool_lint",
        "gemini-cli/BeforeTool.mcp_my-server_run_shell_command.lookalike",
    }
)

# The client writes to its own settings: it takes the `@` away. Settings that change under a session wait for the next.
DENIED = frozenset(
    {
        "claude-code/ConfigChange.local_settings",
        "claude-code/ConfigChange.project_settings",
        "claude-code/ConfigChange.user_settings",
        "gemini-cli/BeforeTool.write_file.at_prefix",
    }
)


@pytest.fixture(scope="module")
def offline() -> Offline:
    return Offline(shipped_snapshot(), fictitious_project)


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.name.removesuffix('.in.json')}")
def test_a_recorded_call_is_interrupted_only_where_it_cannot_be_read(path: Path, offline: Offline) -> None:
    name = f"{path.parent.name}/{path.name.removesuffix('.in.json')}"
    decision = offline.payload(path.parent.name, path.read_bytes(), "/home/dev").decision
    expected = Verdict.DENY if name in DENIED else Verdict.ASK if name in ASKED else Verdict.ALLOW
    assert decision.verdict is expected, [finding.rule for finding in decision.findings]
