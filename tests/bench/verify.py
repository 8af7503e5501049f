"""How long `audit verify` takes for a million records: python tests/bench/verify.py [RECORDS] [--compressed].

Writes a log with a checkpoint after every thousand records into a directory of its own, in segments of 64 MiB, and runs
the command on it, as a person would. Prints one JSON object: seconds by the clock, and of the processor, which others
on a busy machine do not take away. With `--compressed` all segments but the last are compressed first, as the daemon
does, and how many bytes became one is printed, too. Exit status 1 if a million records would take the processor ten
seconds.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from security_hooks.audit.chain import START, seal
from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.compress import compress_segment
from security_hooks.audit.encode import canonical, timestamp
from security_hooks.audit.keys import own_key
from security_hooks.audit.ledger import keep
from security_hooks.audit.pruning import closed_segments
from security_hooks.audit.segment import segment_name
from security_hooks.model.record import Json

RECORDS = 1_000_000
EVERY = 1_000
SEGMENT_BYTES = 67_108_864
PROMISED_SECONDS = 10.0
NOON = 1_795_262_400_000_000_000
BIN = Path(sys.executable).parent
# What an ordinary call leaves behind.
CALL: dict[str, Json] = {
    "basis": "default",
    "call": "ab" * 32,
    "client": "claude-code",
    "cwd": "/home/user/project",
    "event": "PreToolUse",
    "explicit": False,
    "findings": [],
    "generation": 1,
    "home": "/home/user",
    "kind_of_event": "tool_call",
    "permission_mode": "default",
    "policy": "cd" * 32,
    "project": "/home/user/project",
    "script": "cd build && make -j4 2>&1 | tail -20",
    "session": "0f6b1c1e-1c1e-4c1e-8c1e-1c1e0f6b1c1e",
    "tool": "Bash",
    "tool_kind": "shell",
    "verdict": "allow",
}


def main(arguments: list[str]) -> int:
    """Measure, and print it."""
    numbers = [word for word in arguments if word.isdigit()]
    records = int(numbers[0]) if numbers else RECORDS
    ratio: float | None = None
    with tempfile.TemporaryDirectory(prefix="security-hooks-bench-") as directory:
        state = Path(directory)
        size = _write(state, records)
        if "--compressed" in arguments:
            log = state / "audit"
            shrunk = [compress_segment(log, segment.name) for segment in closed_segments(log)]
            ratio = round(sum(one.before for one in shrunk) / sum(one.after for one in shrunk), 1) if shrunk else None
        begun = time.perf_counter()
        command = [str(BIN / "security-hooks"), "audit", "verify", "--json", "--state-dir", directory]
        report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        seconds = time.perf_counter() - begun
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    of_a_million = (spent.ru_utime + spent.ru_stime) / report["records"] * RECORDS
    found = {
        "records": report["records"],
        "checkpoints": report["proof"]["checkpoints"],
        "megabytes": size // 1_000_000,
        "compressed_to_one": ratio,
        "seconds": round(seconds, 2),
        "processor_seconds_of_a_million": round(of_a_million, 2),
        "promised": PROMISED_SECONDS,
    }
    print(json.dumps(found))
    return 0 if of_a_million < PROMISED_SECONDS else 1


def _write(state: Path, records: int) -> int:
    """The log and its checkpoints; gives back the bytes of it."""
    (state / "audit").mkdir()
    key, call = own_key(state), canonical(CALL)
    head, written, size = START, 0, SEGMENT_BYTES
    file = None
    for seq in range(1, records + 1):
        kind, fields = "decision", call
        if seq % EVERY == 0:
            checkpoint = sign_checkpoint((seq - 1, head), timestamp(NOON + seq), "cd" * 32, key)
            keep(state, checkpoint)
            kind, fields = "checkpoint", canonical(checkpoint.fields())
        line, head = seal(head, seq, timestamp(NOON + seq), kind, fields)
        if size + len(line) > SEGMENT_BYTES:
            if file is not None:
                file.close()
            file, size = (state / "audit" / segment_name(seq)).open("wb"), 0
        file.write(line)  # type: ignore[union-attr]  # opened with the first record
        size += len(line)
        written += len(line)
    if file is not None:
        file.close()
    return written


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
