"""The shipped rules on MCP servers, where a person has said which ones are known and how one must be defined."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.world import Entry, Nowhere
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.offline import Offline, fictitious_project

ROOT = Path(__file__).parents[2]
HOME, CWD = "/home/user", "/home/user/project"
MINE = b"""
[mcp]
allowed = ["github", "files-*"]
[mcp.servers.github]
command = "npx"
args = ["-y", "server-github@1"]
"""
GOOD = {"command": "npx", "args": ["-y", "server-github@1"]}
EVIL = {"command": "npx", "args": ["-y", "server-github@2"]}


class Files(Nowhere):
    """A disk with a person's definition of the server, and a project's."""

    def __init__(self, mine: object, theirs: object) -> None:
        self.files = {f"{HOME}/.claude.json": mine, f"{CWD}/.mcp.json": theirs}

    def kind(self, path: str) -> Entry:
        return Entry.FILE if self.files.get(path) is not None else Entry.MISSING

    def read(self, path: str, most: int) -> bytes | None:
        definition = self.files.get(path)
        data = json.dumps({"mcpServers": {"github": definition}}).encode()
        return data if definition is not None and len(data) <= most else None


@pytest.fixture(scope="module")
def offline() -> Offline:
    rules = tuple(
        RuleFile("shipped", f"rules/{file.name}", file.read_bytes()) for file in sorted(ROOT.glob("rules/*.rules"))
    )
    layers = (
        Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes()),
        Layer("user", "user.toml", MINE),
    )
    return Offline(assemble_at_once(build(Sources(layers, rules), BuildCache(), shipped())), fictitious_project)


def payload(tool: str, event: str, extra: Mapping[str, object]) -> bytes:
    given: dict[str, object] = {"session_id": "s", "hook_event_name": event, "cwd": CWD, "tool_name": tool}
    return json.dumps({**given, "tool_input": {"x": "1"}, **extra}).encode()


def from_source(source: str) -> dict[str, object]:
    return {"mcp_server": {"name": "github", "source": source}}


@pytest.mark.parametrize(
    ("tool", "extra", "mine", "theirs", "verdict", "rules"),
    [
        ("mcp__github__x", {}, GOOD, None, "allow", []),
        ("mcp__github__x", {}, GOOD, EVIL, "deny", ["mcp-changed"]),
        ("mcp__github__x", {}, EVIL, None, "deny", ["mcp-changed"]),
        ("mcp__github__x", {}, None, None, "ask", ["mcp-changed"]),
        ("mcp__github__x", {}, "odd", None, "ask", ["mcp-changed"]),
        ("mcp__github__x", from_source("user"), GOOD, EVIL, "allow", []),
        ("mcp__github__x", from_source("project"), GOOD, EVIL, "deny", ["mcp-changed"]),
        ("mcp__github__x", from_source("dynamic"), GOOD, None, "ask", ["mcp-changed"]),
        ("mcp__files-2__x", {}, None, None, "allow", []),
        ("mcp__other__x", {}, None, None, "ask", ["mcp-unknown"]),
        ("mcp__githuh__x", {}, None, None, "ask", ["lookalike", "mcp-unknown"]),
        ("mcp__g\u0456thub__x", {}, None, None, "deny", ["lookalike"]),
        ("B\u0430sh", {}, None, None, "deny", ["lookalike"]),
        ("ListMcpResourcesTool", {}, None, None, "allow", []),
    ],
)
def test_calls_of_claude_code(
    offline: Offline, tool: str, extra: dict[str, object], mine: object, theirs: object, verdict: str, rules: list[str]
) -> None:
    judged = Offline(offline.snapshot, offline.project_of, lambda: Files(mine, theirs))
    decision = judged.payload("claude-code", payload(tool, "PreToolUse", extra), HOME).decision
    found = sorted({finding.rule for finding in decision.findings if finding.verdict is decision.verdict})
    assert (decision.verdict.word, found) == (verdict, rules)


@pytest.mark.parametrize(("definition", "verdict"), [(GOOD, "allow"), (EVIL, "deny")])
def test_gemini_cli_tells_the_definition_itself(offline: Offline, definition: dict[str, object], verdict: str) -> None:
    context = {"mcp_context": {"server_name": "github", "tool_name": "x", **definition}}
    judged = Offline(offline.snapshot, offline.project_of, lambda: Files(EVIL, EVIL))
    decision = judged.payload("gemini-cli", payload("mcp_github_x", "BeforeTool", context), HOME).decision
    assert decision.verdict.word == verdict


def test_the_denial_shows_what_is_and_what_should_be(offline: Offline) -> None:
    judged = Offline(offline.snapshot, offline.project_of, lambda: Files(GOOD, EVIL))
    (finding,) = judged.payload("claude-code", payload("mcp__github__x", "PreToolUse", {}), HOME).decision.findings
    assert "npx -y server-github@2, by /home/user/project/.mcp.json" in finding.nudge
    assert "Pinned is: npx -y server-github@1." in finding.nudge
