"""Synthetic audit logs: python -m tests.logs.synthesise PROFILE DIR

Makes `DIR/audit` with the records of a machine that three days of low activity were spent on, up to now, and then what
the profile's name says. The records are those of the real writer: payloads as Claude Code sends them, decoded, answered
and redacted; only the verdicts are made up. To be looked at with `security-hooks anomalies --state-dir DIR`.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import Place
from security_hooks.model.record import AuditRecord
from security_hooks.model.reply import HookReply
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.peer import Peer

DAY = 86_400
MINUTE = 60
HOME = "/home/user"
PROJECT = f"{HOME}/project"
_DENYING = Finding("rm-root", Tier.BLOCK, True, Verdict.DENY, "no", "rm", 0, "a.rules", 1, Severity.HIGH)
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
DENIED = Decision(Verdict.DENY, Basis.RULE, (_DENYING,), would=Verdict.DENY)
# Put together here, so that no scanner takes this file for a leak.
_TOKEN = "ghp" + "_" + "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Call:
    """One hook event of Claude Code at a Unix time in seconds, and the decision on it."""

    at: float
    session: str
    tool: str
    input: dict[str, object] = field(default_factory=dict)
    event: str = "PreToolUse"
    decision: Decision = ALLOWED

    def record(self) -> AuditRecord:
        """The record that the daemon would write."""
        payload = {
            "session_id": self.session,
            "cwd": PROJECT,
            "hook_event_name": self.event,
            "tool_name": self.tool,
            "tool_input": self.input,
        }
        client = client_named("claude-code")
        assert client is not None
        event = client.decode(json.dumps(payload).encode())
        exchange = Exchange(Peer(1000, 7), name=client.name, client=client, event=event)
        exchange.place = Place(PROJECT, HOME, PROJECT)
        return decision_record(int(self.at * 1_000_000_000), exchange, self.decision, HookReply(0))


def bash(at: float, session: str, command: str, decision: Decision = ALLOWED) -> Call:
    """A shell command."""
    return Call(at, session, "Bash", {"command": command, "description": "work"}, decision=decision)


def read(at: float, session: str, path: str) -> Call:
    """A file that is read."""
    return Call(at, session, "Read", {"file_path": f"{PROJECT}/{path}"})


def low_activity(end: float, random: Random) -> Iterator[Call]:
    """Three days, in each of which a few sessions do a little work; a call in a hundred is denied."""
    for day in range(3, 0, -1):
        begin = end - day * DAY
        for number in range(3):
            session = f"day-{day}-session-{number}"
            at = begin + number * 4 * 3_600
            for _ in range(40):
                at += random.uniform(20, 120)
                yield _ordinary(at, session, random)
    for minutes in (14, 9, 4, 1):
        yield _ordinary(end - minutes * MINUTE, "now", random)


def bursty(end: float, random: Random) -> Iterator[Call]:
    """Sixty different files read in the last five minutes."""
    yield from low_activity(end, random)
    for number in range(60):
        yield read(end - 5 * MINUTE + number * 5, "burst", f"src/module_{number}.py")


def secret_heavy(end: float, random: Random) -> Iterator[Call]:
    """Twenty-four calls in the last quarter of an hour, ten of them with a token."""
    yield from low_activity(end, random)
    for number in range(24):
        header = f" -H 'Authorization: Bearer {_TOKEN}'" if number % 12 in {1, 3, 5, 8, 10} else ""
        yield bash(end - 14 * MINUTE + number * 35, "secrets", f"curl{header} https://api.example.com/items/{number}")


def denied_heavy(end: float, random: Random) -> Iterator[Call]:
    """Twelve denials among twenty calls in the last quarter of an hour."""
    yield from low_activity(end, random)
    for number in range(20):
        decision = DENIED if number % 5 < 3 else ALLOWED
        yield bash(end - 14 * MINUTE + number * 44, "denials", f"rm -rf /srv/data-{number}", decision)


PROFILES: dict[str, Callable[[float, Random], Iterator[Call]]] = {
    "low-activity": low_activity,
    "bursty": bursty,
    "secret-heavy": secret_heavy,
    "denied-heavy": denied_heavy,
}


def write_log(state: Path, calls: Iterator[Call]) -> None:
    """Write the calls, in the order of their times, as the audit log of a state directory."""
    state.mkdir(parents=True, exist_ok=True)
    writer = AuditWriter(state / "audit", WriterSettings())
    try:
        for call in sorted(calls, key=lambda call: call.at):
            writer.append(call.record())
    finally:
        writer.close()


def _ordinary(at: float, session: str, random: Random) -> Call:
    if random.random() < 0.01:
        return bash(at, session, "rm -rf /", DENIED)
    number = random.randrange(12)
    match random.randrange(4):
        case 0:
            return read(at, session, f"src/file_{number}.py")
        case 1:
            path = f"{PROJECT}/src/file_{number}.py"
            return Call(at, session, "Edit", {"file_path": path, "old_string": "a", "new_string": "b"})
        case 2:
            return Call(at, session, "Grep", {"pattern": f"name_{number}", "output_mode": "content"})
        case _:
            return bash(at, session, f"pytest -q tests/test_{number}.py")


def main(words: list[str]) -> int:
    """Write one log; exit status 2 for another number of words or an unknown profile."""
    if len(words) != 2 or words[0] not in PROFILES:
        print(f"usage: python -m tests.logs.synthesise {'|'.join(PROFILES)} DIR", file=sys.stderr)
        return 2
    write_log(Path(words[1]), PROFILES[words[0]](time.time(), Random(1)))
    print(f"security-hooks anomalies --state-dir {words[1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
