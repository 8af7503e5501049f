"""Asks a daemon without end, and writes down what it was answered: python asker.py raw|shim SOCKET NAME OUT SEED.

Each call has an id of its own; some are followed by the event that tells what became of them. A line goes to OUT once
the whole answer is there, `ID EVENT VERDICT`, and never before. `raw` speaks to the socket itself, `shim` through the
shim, where a denial is an answer only in the daemon's form: what the shim says by itself has another. A call that is
answered neither by the daemon nor with a denial ends it with status 1.
"""

import json
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from security_hooks.service import wire

BIN = Path(sys.executable).parent
CWD = "/home/user/project"
COMMANDS = ("git status", "cat notes.txt | head -5", "rm -rf ~", "git push --force origin main", "echo marker")
# A record of many pages, which a death can cut short. Rare: all of the log is verified after each death.
LONG = f"echo {'marker ' * 9_000}"
LONG_SHARE = 0.03
CALLS_OF_A_SESSION = 40
LONGEST_PAUSE = 0.004
NOBODY_THERE = 0.01
_REPLY = re.compile(rb"SH1 ([02]) (\d{4}) (\d{4})\n")

Ask = Callable[[bytes], str | None]


def main(arguments: list[str]) -> int:
    """Ask until killed."""
    kind, path, name, out, seed = arguments
    chance = random.Random(seed)
    ask: Ask = (lambda payload: ask_raw(path, payload)) if kind == "raw" else (lambda payload: ask_shim(path, payload))
    number = 0
    with Path(out).open("a", buffering=1) as answered:
        while True:
            number += 1
            call, command = f"{name}-{number}", LONG if chance.random() < LONG_SHARE else chance.choice(COMMANDS)
            session = f"{name}-s{number // CALLS_OF_A_SESSION}"
            for event in ("PreToolUse", "PostToolUse") if chance.random() < 0.5 else ("PreToolUse",):
                verdict = ask(payload_of(event, session, call, command))
                if verdict is None:
                    time.sleep(NOBODY_THERE)
                    break
                answered.write(f"{call} {event} {verdict}\n")
                if verdict == "open":
                    return 1
            time.sleep(chance.random() * LONGEST_PAUSE)


def payload_of(event: str, session: str, call: str, command: str) -> bytes:
    """An event of Claude Code's shell tool."""
    told: dict[str, object] = {
        "session_id": session,
        "cwd": CWD,
        "hook_event_name": event,
        "permission_mode": "default",
        "tool_name": "Bash",
        "tool_input": {"command": command},
        "tool_use_id": call,
    }
    if event == "PostToolUse":
        told["tool_response"] = {"stdout": "", "stderr": "", "interrupted": False}
    return json.dumps(told).encode()


def ask_raw(path: str, payload: bytes) -> str | None:
    """The verdict of a whole answer; None where there is none."""
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
            peer.sendall(wire.encode_request("claude-code", payload))
            peer.shutdown(socket.SHUT_WR)
            while chunk := peer.recv(65_536):
                answer += chunk
    except OSError:
        # What was read before the connection broke may be a whole answer all the same.
        pass
    head = _REPLY.match(answer)
    if head is None or len(answer) != head.end() + int(head[2]) + int(head[3]):
        return None
    return verdict_of(int(head[1]), answer[head.end() :][: int(head[2])])


def ask_shim(path: str, payload: bytes) -> str | None:
    """The verdict that a client would read; None where the shim denied by itself."""
    command: list[str | Path] = [BIN / "security-hooks-shim", "claude-code", "--socket", path]
    shim = subprocess.run(command, input=payload, capture_output=True, check=False)
    verdict = verdict_of(shim.returncode, shim.stdout)
    return None if verdict == "block" else verdict


def verdict_of(status: int, stdout: bytes) -> str:
    """What an answer comes to; `block` is a denial in the form that the shim has for every event."""
    told = json.loads(stdout or b"{}")
    word: str = told.get("hookSpecificOutput", {}).get("permissionDecision") or told.get("decision", "allow")
    if status == 0:
        return word
    return word if status == 2 and word in ("deny", "block") else "open"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
