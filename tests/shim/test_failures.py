"""What each client gets when the daemon cannot be asked, and what the command line may be."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks import __version__

Run = Callable[..., subprocess.CompletedProcess[bytes]]

UNKNOWN_LINE = (
    b"security-hooks: the hook line is not one that the shim knows, so this call is blocked;"
    b" run `security-hooks doctor`\n"
)

# The last column of the table of answers: client, exit status, the JSON on stdout.
WITHOUT_A_DAEMON = (
    ("claude-code", 2, {"decision": "block"}),
    ("gemini-cli", 2, {"decision": "deny"}),
    ("codex-cli", 2, None),
)


@pytest.mark.parametrize(("client", "status", "answer"), WITHOUT_A_DAEMON)
def test_no_daemon_blocks_as_the_client_honours(
    shim: str, run: Run, place: Path, client: str, status: int, answer: dict[str, str] | None
) -> None:
    path = f"{place}/none.sock"
    done = run(shim, client, "--socket", path, "--id", "4711", stdin=b'{"hook_event_name": "PreToolUse"}')
    reason = (
        "security-hooks: the daemon does not answer, so this call is blocked; start it with `security-hooks start`"
        f" or run `security-hooks doctor` (socket: {path})"
    )
    assert done.returncode == status
    assert done.stderr.decode("ascii") == reason + "\n"
    assert done.stdout == (b"" if answer is None else _line({**answer, "reason": reason}))


def _line(answer: dict[str, str]) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize("client", [row[0] for row in WITHOUT_A_DAEMON])
def test_observing_shim_ends_silently(shim: str, run: Run, place: Path, client: str) -> None:
    for arguments in (["--socket", f"{place}/none.sock", "--observe"], ["--nonsense", "--observe"]):
        done = run(shim, client, *arguments, stdin=b"{}")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["claude"],
        ["--observe"],
        ["--socket", "/x", "claude-code"],
        ["claude-code", "--help"],
        ["claude-code", "--version"],
        ["gemini-cli", "--version", "--help"],
        ["gemini-cli", "--socket"],
        ["gemini-cli", "--socket", "relative.sock"],
        ["gemini-cli", "--socket", ""],
        ["codex-cli", "--id"],
        ["codex-cli", "codex-cli"],
    ],
)
def test_unknown_hook_line_blocks_every_client(shim: str, run: Run, arguments: list[str]) -> None:
    done = run(shim, *arguments, stdin=b"{}")
    assert done.returncode == 2
    assert done.stderr == UNKNOWN_LINE
    known = arguments[:1] in (["claude-code"], ["gemini-cli"])
    assert (json.loads(done.stdout)["decision"] in ("block", "deny")) if known else done.stdout == b""


def test_started_under_any_name_without_arguments_blocks(static_shim: str, run: Run) -> None:
    done = run("-", executable=static_shim)
    assert (done.returncode, done.stderr) == (2, UNKNOWN_LINE)


def test_version_and_help_alone_end_with_0(shim: str, run: Run) -> None:
    assert run(shim, "--version").stdout.decode() == f"security-hooks-shim {__version__}\n"
    shown = run(shim, "--help")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.startswith(b"usage: security-hooks-shim CLIENT [--socket PATH]")


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "a\nb", "a\x1bb", "é"])
def test_odd_bytes_in_the_path_never_break_the_answer(shim: str, run: Run, place: Path, odd: str) -> None:
    done = run(shim, "claude-code", "--socket", f"{place}/{odd}")
    assert done.returncode == 2
    assert done.stderr.decode("ascii").count("\n") == 1 and "?" in done.stderr.decode("ascii")
    assert "\n" not in json.loads(done.stdout)["reason"]
