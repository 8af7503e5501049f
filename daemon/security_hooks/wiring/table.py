"""Which events are wired in which client, and with which version that was tried: data, as in docs/clients.md."""

from dataclasses import dataclass
from enum import Enum

SHIM = "security-hooks-shim"

# The shim ends after 5 s whatever happens. Past its own limit Gemini CLI and Codex CLI run the tool, so they must never
# come to it; Claude Code then blocks, so a minute does.
CLAUDE_SECONDS = 60
CODEX_SECONDS = 600
# Cut to this at the end of a session, with a warning, and the hook is then not the one that was reviewed.
CODEX_END_SECONDS = 3
GEMINI_MILLISECONDS = 600_000
# What ends a shim that has been stopped, well before the client's own limit.
HELD_SECONDS = 20

# These two have one name in all clients.
START, END = "SessionStart", "SessionEnd"

Version = tuple[int, int, int]


class Scope(Enum):
    """Whose settings hold the hooks: one person's, or the machine's (root-owned)."""

    USER = "user"
    MANAGED = "managed"


@dataclass(frozen=True, slots=True)
class Wired:
    """One event of a client; `purpose` says what we do with it."""

    event: str
    purpose: str


@dataclass(frozen=True, slots=True)
class WiredClient:
    """One client: its program and package, the version its wiring was tried with, the events that are wired.

    `blocks_since` is the first version known to block when a hook fails, where that depends on the version.
    """

    name: str
    title: str
    program: str
    package: str
    tested: Version
    events: tuple[Wired, ...]
    blocks_since: Version | None = None


_PRE = "every tool call is judged before it runs"
_PERMISSION = "what the policy denies is refused when the client is about to ask"
_POST = "what really ran is recorded"
_FAILURE = "calls that ran and failed are recorded"
_PROMPT = "a prompt is refused while the guard does not answer; `@guard` lines are heard; the settings are looked at"
_START = "a line is shown where the guard is not well; the settings are looked at"
_END = "the end of the session is recorded"
_CONFIG = "changed settings hold from the next session on, ordinary ones beside managed hooks at once"

CLIENTS: tuple[WiredClient, ...] = (
    WiredClient(
        "claude-code",
        "Claude Code",
        "claude",
        "@anthropic-ai/claude-code",
        (2, 1, 329),
        (
            Wired("PreToolUse", _PRE),
            Wired("PermissionRequest", _PERMISSION),
            Wired("PostToolUse", _POST),
            Wired("PostToolUseFailure", _FAILURE),
            Wired("UserPromptSubmit", _PROMPT),
            Wired(START, _START),
            Wired(END, _END),
            Wired("ConfigChange", _CONFIG),
        ),
        blocks_since=(2, 1, 295),
    ),
    WiredClient(
        "gemini-cli",
        "Gemini CLI",
        "gemini",
        "@google/gemini-cli",
        (0, 61, 0),
        (
            Wired("BeforeTool", _PRE),
            Wired("AfterTool", _POST),
            Wired("BeforeAgent", _PROMPT),
            Wired(START, _START),
            Wired(END, _END),
        ),
    ),
    WiredClient(
        "codex-cli",
        "Codex CLI",
        "codex",
        "@openai/codex",
        (0, 169, 0),
        (
            Wired("PreToolUse", _PRE),
            Wired("PermissionRequest", _PERMISSION),
            Wired("PostToolUse", _POST),
            Wired("UserPromptSubmit", _PROMPT),
            Wired(START, "the session is stopped where the guard does not answer; the settings are looked at"),
            Wired(END, _END),
        ),
    ),
)


def wired_client(name: str) -> WiredClient:
    """The row of a client; the name is one of the table's."""
    return next(client for client in CLIENTS if client.name == name)
