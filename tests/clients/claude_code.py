"""Claude Code without anybody in front of it, in the mode in which only the hook stands in a call's way."""

import json
from pathlib import Path

from tests.clients.anthropic_wire import AnthropicWire
from tests.clients.conversation import DELEGATED, Call, Turn
from tests.clients.program import MCP_SERVER, PROMPT, Program, Tools


def configure(home: Path, model: str, mcp_server: tuple[str, ...]) -> None:
    """The settings of a fresh user, and of a project that brings an MCP server."""
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text("{}")
    server = {"command": mcp_server[0], "args": list(mcp_server[1:])}
    (home / "mcp.json").write_text(json.dumps({"mcpServers": {MCP_SERVER: server}}))


def environment(home: Path, model: str) -> dict[str, str]:
    """What points it at the scripted model, and at nothing else."""
    return {
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "ANTHROPIC_API_KEY": "sk-scripted",
        "ANTHROPIC_BASE_URL": model,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
        "ENABLE_TOOL_SEARCH": "false",
        # Root may skip the client's own questions only where it is told that this is a sandbox.
        "IS_SANDBOX": "1",
    }


def _write(path: Path, text: str) -> Call:
    return Call("Write", {"file_path": str(path), "content": text})


def _edit(path: Path, old: str, new: str) -> Call:
    return Call("Edit", {"file_path": str(path), "old_string": old, "new_string": new})


PROGRAM = Program(
    name="claude-code",
    package="@anthropic-ai/claude-code",
    version="2.1.329",
    binary="claude",
    wire=AnthropicWire(),
    tools=Tools(
        shell=lambda command: Call("Bash", {"command": command, "description": "scripted"}),
        serve=lambda tool, path: Call(f"mcp__{MCP_SERVER}__{tool}", {"path": str(path)}),
        read=lambda path: Call("Read", {"file_path": str(path)}),
        write=_write,
        edit=_edit,
        delegate=(
            Turn(
                Call(
                    "Agent",
                    {
                        "description": "scripted",
                        "prompt": DELEGATED,
                        "subagent_type": "general-purpose",
                        "run_in_background": False,
                    },
                )
            ),
        ),
        missing={"patch": "no such tool", "script": "no such tool", "terminal": "no such tool"},
    ),
    configure=configure,
    watches=True,
    settings=".claude/settings.json",
    switching_off='{"disableAllHooks": true}',
    asking=("--dangerously-skip-permissions", "--permission-mode=default"),
    command=(
        *("-p", PROMPT, "--dangerously-skip-permissions", "--mcp-config", "{home}/mcp.json"),
        *("--output-format", "stream-json", "--verbose"),
    ),
    environment=environment,
)
