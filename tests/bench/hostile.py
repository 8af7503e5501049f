"""Calls made to hold the daemon up, each with a dangerous command at its end, as JSON lines; for analysis only.

Without arguments the set is printed. `send SOCKET` sends it to a daemon again and again until stdin closes, and then
prints the slowest answer in milliseconds. `measure SOCKET` compares ordinary calls alone and while that goes on.
"""

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from security_hooks.service import wire

END = "rm -rf /"
MEGABYTE = 1 << 20
ORDINARY = ("git status", "ls -la src | head -5", "cd build && make -j4 2>&1 | tail -20", 'git commit -m "fix: it"')
ROUNDS = 6
CALLS = 500
PAUSE = 0.001


def hostile() -> Iterator[tuple[str, str]]:
    """Names and scripts."""
    yield "20,000 statements", "ls;" * 20_000 + END
    yield "an argument of a megabyte", f"echo '{'a' * MEGABYTE}'; {END}"
    yield "a megabyte of arguments", f"echo {'a b ' * (MEGABYTE // 4)}; {END}"
    yield "a here-document of a megabyte", "cat <<E\n" + "x y $z\n" * (MEGABYTE // 7) + f"E\n{END}"
    yield "3,000 nested substitutions", "echo " + "$(" * 3_000 + END + ")" * 3_000
    yield "300 nested shells", _shells(300)
    yield "300 nested here-documents", "".join(f"bash <<E{i}\n" for i in range(300)) + END + _ends(300)
    yield "400 times env", "env " * 400 + END
    yield "a brace bomb", f"echo {'{1..9}' * 12}; {END}"
    yield "a brace bomb of operands", f"rm -rf {'{a,b}' * 40} /"
    yield "a range without end", f"echo {{1..999999999}}; {END}"
    yield "a variable that doubles", "a=aaaaaaaa;" + "a=$a$a;" * 60 + f"echo $a; {END}"
    yield "a substitution that doubles", "a=x;" + 'a="$(echo $a$a)";' * 40 + f"eval $a; {END}"
    yield "aliases that call each other", _aliases(40) + f"a0\n{END}"
    yield "functions that call each other", _functions(40) + f"f0; {END}"
    yield "a function that calls itself", "f() { f | f & }; f; " + END
    yield "100,000 pipes", "ls|" * 100_000 + f"cat; {END}"
    yield "base64 ten deep", _decoded(10)
    yield "nested loops", "for i in {1..100}; do " * 30 + f"x=$x$i; {END}; " + "done; " * 30
    yield "quotes that never end", "echo '" + '"$(`' * 20_000 + f"'; {END}"
    yield "a text for regular expressions", f"echo {'(a+)+' * 20_000}$; {END}"


def _shells(depth: int) -> str:
    names = "".join(f"export A{i}='bash -c \"$A{i + 1}\"';" for i in range(depth))
    return f"{names} export A{depth}='{END}'; bash -c \"$A0\""


def _ends(depth: int) -> str:
    return "".join(f"\nE{i}" for i in reversed(range(depth)))


def _aliases(count: int) -> str:
    return "shopt -s expand_aliases\n" + "".join(f"alias a{i}='a{i + 1}; a{i + 1}'\n" for i in range(count))


def _functions(count: int) -> str:
    return "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }};" for i in range(count)) + f"f{count}() {{ f0; }};"


def _decoded(depth: int) -> str:
    text = f"{END}; ".encode() + b"#" * 55_000
    for _ in range(depth):
        text = base64.b64encode(text)
    return f"echo {text.decode()}{' | base64 -d' * depth} | bash"


def request(command: str) -> bytes:
    """A call of Claude Code's shell tool as the shim hands it on."""
    call = {
        "session_id": "s",
        "cwd": "/home/user/project",
        "hook_event_name": "PreToolUse",
        "permission_mode": "default",
        "tool_name": "Bash",
        "tool_input": {"command": command},
        "tool_use_id": "t",
    }
    return wire.encode_request("claude-code", json.dumps(call, separators=(",", ":")).encode())


def milliseconds(path: str, data: bytes) -> float:
    """How long the daemon takes to answer a request."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        started = time.perf_counter()
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65_536):
            pass
        return (time.perf_counter() - started) * 1000


def send(path: str) -> None:
    """Send the set in turns until stdin closes."""
    requests = [request(script) for _, script in hostile()]
    print(flush=True)
    closed = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        closed.set()

    threading.Thread(target=wait, daemon=True).start()
    slowest = 0.0
    while not closed.is_set():
        for data in requests:
            slowest = max(slowest, milliseconds(path, data))
    print(slowest)


def measure(path: str) -> None:
    """Print the 99th percentiles and the slowest hostile answer as JSON; alone and disturbed take turns."""
    requests = [request(command) for command in ORDINARY]
    alone: list[float] = []
    disturbed: list[float] = []
    slowest = 0.0
    for _ in range(ROUNDS):
        alone += _ordinary(path, requests)
        command = [sys.executable, __file__, "send", path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
            assert sender.stdin is not None
            assert sender.stdout is not None
            sender.stdout.readline()
            disturbed += _ordinary(path, requests)
            sender.stdin.close()
            slowest = max(slowest, float(sender.stdout.readline()))
    print(json.dumps({"alone": _last(alone), "disturbed": _last(disturbed), "slowest": slowest}))


def _ordinary(path: str, requests: list[bytes]) -> list[float]:
    times = []
    for number in range(CALLS):
        time.sleep(PAUSE)
        times.append(milliseconds(path, requests[number % len(requests)]))
    return times


def _last(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            for name, script in hostile():
                print(json.dumps({"name": name, "command": script}))
        case ["send", path]:
            send(path)
        case ["measure", path]:
            measure(path)
        case _:
            sys.exit(__doc__)
