"""Codex CLI without anybody in front of it, in the mode in which only the hook stands in a call's way."""

import json
import re
from pathlib import Path

from tests.clients.conversation import DELEGATED, Call, Turn
from tests.clients.openai_wire import OpenAiWire
from tests.clients.program import MCP_SERVER, PROMPT, Program, Tools

_AGENTS = "multi_agent_v1"
_OFFERING = {"script": "gpt-6-astra", "delegate": "scripted"}


def configure(home: Path, model: str, mcp_server: tuple[str, ...]) -> None:
    """The settings of a fresh user who has an MCP server."""
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text(
        f"""model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
[features]
apps = false
plugins = false
remote_plugin = false
[model_providers.scripted]
name = "scripted"
base_url = "{model}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[mcp_servers.{MCP_SERVER}]
command = {json.dumps(mcp_server[0])}
args = {json.dumps(mcp_server[1:])}
"""
    )


def offer(home: Path, tool: str) -> None:
    """Makes it offer the tool: which ones it does depends on the name of the model."""
    config = home / ".codex/config.toml"
    config.write_text(config.read_text().replace("gpt-5.5", _OFFERING[tool], 1))


def environment(home: Path, model: str) -> dict[str, str]:
    """What points it at its own directory; where the model is, its settings say."""
    return {"CODEX_HOME": str(home / ".codex"), "SCRIPTED_KEY": "sk-scripted", "RUST_LOG": "error"}


def _script(command: str) -> Call:
    return Call("exec", f"await tools.exec_command({{cmd: {json.dumps(command)}}});", namespace="functions")


def _terminal(keys: str) -> tuple[Turn, ...]:
    def press(results: tuple[str, ...]) -> Call:
        session = re.search(r"session ID (\d+)", results[-1])
        return Call("write_stdin", {"session_id": int(session[1]) if session else 0, "chars": keys})

    return (Turn(Call("exec_command", {"cmd": "bash --norc", "tty": True})), Turn(press), Turn(press))


def _wait(results: tuple[str, ...]) -> Call:
    agent = re.search(r'"agent_id": ?"([^"]+)"', results[-1])
    targets = [agent[1]] if agent else []
    return Call("wait_agent", {"targets": targets, "timeout_ms": 30_000}, namespace=_AGENTS)


PROGRAM = Program(
    name="codex-cli",
    package="@openai/codex",
    version="0.169.0",
    binary="codex",
    wire=OpenAiWire(),
    tools=Tools(
        shell=lambda command: Call("exec_command", {"cmd": command}),
        serve=lambda tool, path: Call(tool, {"path": str(path)}, namespace=f"mcp__{MCP_SERVER}"),
        read=lambda path: Call("view_image", {"path": str(path)}),
        patch=lambda text: Call("apply_patch", text),
        script=_script,
        terminal=_terminal,
        delegate=(Turn(Call("spawn_agent", {"message": DELEGATED}, namespace=_AGENTS)), Turn(_wait)),
        missing={
            "changes": "it takes up no changes in mid-session",
            "write": "it writes by patches",
            "edit": "it edits by patches",
            "approve": "an approval means nothing to it",
        },
    ),
    configure=configure,
    settings=".codex/config.toml",
    switching_off="features.hooks = false",
    # `exec` says no more; the reason is for the terminal UI.
    outage="hook: SessionStart Stopped",
    offer=offer,
    command=("exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", PROMPT),
    environment=environment,
    readable="note.png",
)
