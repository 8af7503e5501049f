"""Codex CLI without anybody in front of it, in the mode in which only the hook stands in a call's way."""

import json
from pathlib import Path

from tests.clients.conversation import Call
from tests.clients.openai_wire import OpenAiWire
from tests.clients.program import MCP_SERVER, PROMPT, Program, Tools


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


def environment(home: Path, model: str) -> dict[str, str]:
    """What points it at its own directory; where the model is, its settings say."""
    return {"CODEX_HOME": str(home / ".codex"), "SCRIPTED_KEY": "sk-scripted", "RUST_LOG": "error"}


def _script(command: str) -> Call:
    return Call("exec", f"await tools.exec_command({{cmd: {json.dumps(command)}}});", namespace="functions")


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
        missing={"write": "it writes by patches", "edit": "it edits by patches"},
    ),
    configure=configure,
    command=("exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", PROMPT),
    environment=environment,
    readable="note.png",
)
