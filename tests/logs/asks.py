"""Synthetic logs of asks and of what became of them: the records that the daemon writes of what the clients send.

Payloads are as each client sends them, decoded by its own decoder and recorded by the daemon's own code; only the
verdicts are made up. Times are seconds after noon of a day.
"""

import json
from pathlib import Path

from security_hooks.audit.chain import START, seal
from security_hooks.audit.encode import canonical, timestamp
from security_hooks.audit.segment import segment_name
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import Place
from security_hooks.model.record import Json, RecordKind
from security_hooks.model.reply import HookReply
from security_hooks.service.asks import digest_of, permit_fields
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Ask, Permit, permitted

NOON = 1_795_262_400_000_000_000
CLAUDE, GEMINI, CODEX = "claude-code", "gemini-cli", "codex-cli"
HOME = "/home/user"
PROJECT = f"{HOME}/project"
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
# What a client calls the event before a call, after it, and at a prompt, and its shell tool.
_WORDS = {
    CLAUDE: ("PreToolUse", "PostToolUse", "UserPromptSubmit", "Bash"),
    GEMINI: ("BeforeTool", "AfterTool", "BeforeAgent", "run_shell_command"),
    CODEX: ("PreToolUse", "PostToolUse", "UserPromptSubmit", "Bash"),
}


class AskLog:
    """A log that grows by what happens."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._head = START

    def ask(
        self,
        at: float,
        command: str = "frob",
        call: str = "t",
        client: str = CLAUDE,
        *,
        rules: tuple[str, ...] = ("frob",),
        answered: str = "",
        **more: Json,
    ) -> str:
        """A call that rules ask about. Codex CLI cannot ask a person, the others do unless told. Gives its digest."""
        exchange = _exchange(_WORDS[client][0], command, call, client, more)
        exchange.answered = answered or ("deny" if client == CODEX else "ask")
        exchange.call = digest_of(exchange)
        self._decided(at, exchange, _asking(rules))
        assert exchange.call is not None
        return exchange.call

    def passes(self, at: float, command: str = "frob", call: str = "t", client: str = CLAUDE, **more: Json) -> None:
        """A call that nothing asks about."""
        self._decided(at, _exchange(_WORDS[client][0], command, call, client, more), ALLOWED)

    def takes_permit(
        self, at: float, command: str = "frob", call: str = "t2", client: str = CLAUDE, **more: Json
    ) -> None:
        """A call that was permitted once, and passes for it."""
        exchange = _exchange(_WORDS[client][0], command, call, client, more)
        exchange.call = digest_of(exchange)
        exchange.permit = _permit(exchange.call or "")
        self._decided(at, exchange, permitted(_asking(("frob",)), exchange.permit))

    def ran(
        self, at: float, command: str = "frob", call: str = "t", client: str = CLAUDE, *, took: int = 0, **more: Json
    ) -> None:
        """A call ran, and took so many milliseconds, which only Claude Code tells."""
        told = more | ({"duration_ms": took, "tool_response": {"stdout": ""}} if client == CLAUDE else {})
        self._decided(at, _exchange(_WORDS[client][1], command, call, client, told), ALLOWED)

    def prompt(self, at: float, client: str = CLAUDE, **more: Json) -> None:
        """A person says something to a session."""
        self._decided(at, _exchange(_WORDS[client][2], None, "", client, {"prompt": "go on", **more}), ALLOWED)

    def permit(self, at: float, digest: str) -> None:
        """A person permits a call in a terminal."""
        given: dict[str, Json] = {"client": CODEX, "permit": permit_fields(_permit(digest).ask, 7)}
        self._add(at, RecordKind.PERMIT, given)

    def daemon(self, at: float, kind: RecordKind) -> None:
        """The daemon starts or stops."""
        self._add(at, kind, {"version": "1"})

    def write(self, directory: Path) -> Path:
        """The log as files."""
        directory.mkdir(parents=True)
        (directory / segment_name(1)).write_bytes(b"".join(self.lines))
        return directory

    def _decided(self, at: float, exchange: Exchange, decision: Decision) -> None:
        reply = HookReply(2 if exchange.answered == "deny" else 0)
        record = decision_record(0, exchange, decision, reply)
        self._add(at, record.kind, record.fields)

    def _add(self, at: float, kind: RecordKind, fields: dict[str, Json]) -> None:
        when = timestamp(NOON + round(at * 1_000_000_000))
        line, self._head = seal(self._head, len(self.lines) + 1, when, kind.value, canonical(fields))
        self.lines.append(line)


def _exchange(event: str, command: str | None, call: str, name: str, more: dict[str, Json]) -> Exchange:
    client = client_named(name)
    assert client is not None
    payload: dict[str, Json] = {"session_id": "s", "cwd": PROJECT, "hook_event_name": event}
    if command is not None:
        payload |= {"tool_name": _WORDS[name][3], "tool_input": {"command": command}, "tool_response": ""}
        if name != GEMINI:
            payload["tool_use_id"] = call
    payload |= more
    data = json.dumps(payload).encode()
    exchange = Exchange(Peer(1000, 7), name=name, client=client, event=client.decode(data), payload=data)
    exchange.place = Place(PROJECT, HOME, PROJECT)
    return exchange


def _asking(rules: tuple[str, ...]) -> Decision:
    found = tuple(
        Finding(rule, Tier.SUSPICIOUS, True, Verdict.ASK, "why", "it", 0, "a.rules", 1, Severity.MEDIUM)
        for rule in rules
    )
    return Decision(Verdict.ASK, Basis.RULE, found, would=Verdict.ASK)


def _permit(digest: str) -> Permit:
    return Permit(Ask("ABCDEFGH", digest, CODEX, PROJECT, "frob", frozenset({("frob", "it")}), 0.0), 7, 0.0)


def afternoon() -> AskLog:
    """A person's asks of one afternoon: read at first, then said yes to."""
    log = AskLog()
    answered = [
        *((60 * number, "forced-shared-branch", 6_400 + 900 * number) for number in range(4)),
        (2_000, "package-publish", None),
        *((7_300 + 95 * number, "unknown-executable", 700 + 90 * (number % 7)) for number in range(12)),
        (8_600, "forced-shared-branch", 1_400),
        (9_000, "package-publish", 31_000),
        *((10_900 + 40 * number, "unknown-executable", 800 + 50 * number) for number in range(5)),
    ]
    for number, (at, rule, wait_ms) in enumerate(answered):
        command, call = f"frob {number}", f"t{number}"
        log.ask(at, command, call, rules=(rule,))
        if wait_ms is None:
            log.prompt(at + 50)
        else:
            log.ran(at + wait_ms / 1_000 + 3, command, call, took=3_000)
    log.ask(11_200, "frob", client=GEMINI, rules=("unknown-executable",))
    log.ran(11_214, "frob", client=GEMINI)
    log.permit(11_560, log.ask(11_520, "npm publish", client=CODEX, rules=("package-publish",)))
    return log
