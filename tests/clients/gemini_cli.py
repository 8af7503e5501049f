"""Gemini CLI without anybody in front of it, in the mode in which only the hook stands in a call's way."""

import json
from pathlib import Path

from tests.clients.conversation import DELEGATED, Call, Turn
from tests.clients.gemini_wire import GeminiWire
from tests.clients.program import MCP_SERVER, PROMPT, Program, Tools


def configure(home: Path, model: str, mcp_server: tuple[str, ...]) -> None:
    """The settings of a fresh user who has an MCP server."""
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "telemetry": {"enabled": False},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
        "model": {"disableLoopDetection": True},
        "mcpServers": {MCP_SERVER: {"command": mcp_server[0], "args": list(mcp_server[1:]), "trust": True}},
    }
    (home / ".gemini").mkdir()
    (home / ".gemini/settings.json").write_text(json.dumps(settings))


def environment(home: Path, model: str) -> dict[str, str]:
    """What points it at the scripted model, and at nothing else."""
    return {
        "GEMINI_API_KEY": "scripted",
        "GOOGLE_GEMINI_BASE_URL": model,
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
        # It keeps extensions and the like below this one.
        "GEMINI_CLI_HOME": str(home),
        # Without it the client's own start-up files would be read by the shell that runs the hook.
        "SHLVL": "1",
    }


def _write(path: Path, text: str) -> Call:
    return Call("write_file", {"file_path": str(path), "content": text})


def _edit(path: Path, old: str, new: str) -> Call:
    words = {"file_path": str(path), "old_string": old, "new_string": new, "instruction": "scripted"}
    return Call("replace", words)


PROGRAM = Program(
    name="gemini-cli",
    package="@google/gemini-cli",
    version="0.61.0",
    binary="gemini",
    wire=GeminiWire(),
    tools=Tools(
        shell=lambda command: Call("run_shell_command", {"command": command}),
        serve=lambda tool, path: Call(f"mcp_{MCP_SERVER}_{tool}", {"path": str(path)}),
        read=lambda path: Call("read_file", {"file_path": str(path)}),
        write=_write,
        edit=_edit,
        delegate=(Turn(Call("invoke_agent", {"agent_name": "generalist", "prompt": DELEGATED})),),
        finish=(Call("complete_task", {"result": "done"}),),
        missing={
            "changes": "it takes up no changes in mid-session",
            "patch": "no such tool",
            "script": "no such tool",
            "terminal": "no such tool",
            "approve": "an approval means nothing to it",
        },
    ),
    configure=configure,
    settings=".gemini/settings.json",
    switching_off='{"hooksConfig": {"enabled": false}}',
    command=("-m", "gemini-3.5-flash", "--approval-mode", "yolo", "-p", PROMPT),
    environment=environment,
)
