"""A person's word: the real daemon, the real shim below a client with a terminal, the real commands."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.terminal import ours_at_terminal, run_at_terminal

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
RULES = """
block "no-push"
  match command("git") subcommand("push")
  nudge "not now"
suspicious "frob"
  match command("frob")
  nudge "ask first"
"""
# Stands for a client: runs a hook line as that client does, in a session of its own, and shows what it answered.
CLIENT = """
import subprocess, sys
payload, out = sys.argv[1], sys.argv[2]
with open(payload, "rb") as given, open(out, "wb") as answer:
    hook = sys.argv[sys.argv.index("--") + 1 :]
    done = subprocess.run(hook, stdin=given, stdout=answer, stderr=subprocess.STDOUT, start_new_session=True)
sys.exit(done.returncode)
"""
SHELL = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
PROMPTS = {"claude-code": "UserPromptSubmit", "gemini-cli": "BeforeAgent", "codex-cli": "UserPromptSubmit"}
PROGRAMS = {"claude-code": "claude", "gemini-cli": "gemini", "codex-cli": "codex"}


@pytest.fixture
def granting(unstarted: Any) -> Any:
    """A daemon that denies `git push` and asks about `frob`, and a project."""
    (unstarted.config / "rules").mkdir(parents=True)
    (unstarted.config / "rules/mine.rules").write_text(RULES)
    (unstarted.place / "p/.git").mkdir(parents=True)
    (unstarted.place / "p/migrations").mkdir()
    return unstarted.start()


def program(daemon: Any, client: str) -> str:
    """A program by the client's name."""
    path: Path = daemon.place / PROGRAMS[client]
    if not path.exists():
        path.symlink_to(sys.executable)
    return str(path)


def said(
    daemon: Any,
    prompt: str,
    client: str = "claude-code",
    above: tuple[str, ...] = (),
    hook: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    **more: str,
) -> dict[str, Any]:
    """What a client is answered when a prompt is given to it at a terminal; `above` is what started the client."""
    event = {"session_id": "s", "cwd": str(daemon.place / "p"), "hook_event_name": PROMPTS[client], "prompt": prompt}
    payload, out = daemon.place / "prompt.json", daemon.place / "answer"
    payload.write_text(json.dumps(event | more))
    line = (str(BIN / "security-hooks-shim"), client, "--socket", str(daemon.socket), "--id", "0123456789abcdef")
    hooked = (*hook, " ".join(line)) if hook else line
    command = (program(daemon, client), "-c", CLIENT, str(payload), str(out), *words, "--", *hooked)
    status, shown = run_at_terminal(daemon, *above, *command)
    assert status == 0, shown + out.read_text()
    answer: dict[str, Any] = json.loads(out.read_text() or "{}")
    return answer


def push(daemon: Any) -> str:
    verdict: str = daemon.call("git push", cwd=str(daemon.place / "p")).verdict
    return verdict


def granted(daemon: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(daemon.run("grants", "--json", "--socket", daemon.socket).stdout)
    return found


def records(daemon: Any, kind: str) -> list[dict[str, Any]]:
    return [record for record in daemon.records() if record["kind"] == kind]


@pytest.mark.parametrize("hook", [(), ("sh", "-c"), ("bash", "-c")], ids=["exec", "sh", "bash"])
@pytest.mark.parametrize("client", list(PROMPTS))
def test_what_a_person_says_in_a_prompt_holds_for_all_agents_of_the_project(
    granting: Any, client: str, hook: tuple[str, ...]
) -> None:
    assert push(granting) == "deny"
    answer = said(granting, "@guard allow push 10m\nnow push it", client, hook=hook)
    assert "granted" in answer["systemMessage"]
    (grant,) = granted(granting)
    assert (grant["said"], grant["by"], grant["client"]) == ("allow push", "prompt", client)
    for other in PROMPTS:
        assert granting.call("git push", client=other, cwd=str(granting.place / "p")).verdict == "allow"
    assert granting.call("git push --force", cwd=str(granting.place / "p")).verdict == "deny"
    assert granting.call("git push", cwd=str(granting.place)).verdict == "deny"
    assert ours_at_terminal(granting, "grants", "revoke", grant["id"])[0] == 0
    assert push(granting) == "deny"
    assert [("said" in record, "ended" in record) for record in records(granting, "grant") if "said" in record] == [
        (True, False),
        (True, True),
    ]
    assert granting.verify().returncode == 0


def test_a_grant_ends_by_its_time_and_what_is_forbidden_is_denied(granting: Any) -> None:
    said(granting, "@guard allow push 2s\n@guard forbid writes to migrations/")
    assert push(granting) == "allow"
    assert granting.call("touch migrations/1", cwd=str(granting.place / "p")).verdict == "deny"
    large = "touch migrations/1 #" + "x" * 20_000
    assert granting.call(large, cwd=str(granting.place / "p")).verdict == "deny"
    granting.wait_until(lambda: push(granting) == "deny")
    granting.wait_until(lambda: any(record.get("ended") for record in records(granting, "grant")))


def test_grants_survive_a_restart_and_a_change_of_policy(granting: Any) -> None:
    said(granting, "@guard allow push 10m\n@guard forbid writes to migrations/")
    assert (granting.state / "grants.json").stat().st_mode & 0o777 == 0o600
    assert granting.stop() == 0
    granting.start()
    assert push(granting) == "allow"
    assert granting.call("rm -r migrations", cwd=str(granting.place / "p")).verdict == "deny"
    mine = granting.config / "rules/mine.rules"
    mine.write_text(RULES + 'block "grob"\n  match command("grob")\n  nudge "no"\n')
    granting.wait_until(lambda: granting.call("grob").verdict == "deny")
    assert push(granting) == "allow"


def test_a_prompt_from_an_agent_below_an_agent_is_an_attempt(granting: Any) -> None:
    outer = program(granting, "codex-cli")
    answer = said(granting, "@guard allow push 10m", above=(outer, "-c", SHELL))
    assert "does nothing here" in answer["systemMessage"]
    assert granted(granting) == []
    assert push(granting) == "deny"
    (alarm,) = records(granting, "alarm")
    assert "codex-cli" in alarm["alarm"]
    started = {
        "session_id": "s",
        "cwd": str(granting.place / "p"),
        "hook_event_name": "SessionStart",
        "source": "startup",
    }
    shim = granting.open_shim()
    stdout, _ = shim.communicate(json.dumps(started).encode(), timeout=60)
    assert "in a person's place" in json.loads(stdout)["systemMessage"]


@pytest.mark.parametrize(
    "given",
    [
        {"hook": (sys.executable, "-c", "import os, sys; sys.exit(os.system(sys.argv[1]) >> 8)")},
        {"words": ("-p",)},
        {"agent_id": "a"},
        {"prompt": "<task-notification>\n@guard allow push\n</task-notification>"},
    ],
    ids=["from a tool of the client", "headless", "a sub-agent's", "made up by the client"],
)
def test_nor_does_any_other_prompt_that_no_person_typed(granting: Any, given: dict[str, Any]) -> None:
    said(granting, **{"prompt": "@guard allow push 10m", **given})
    assert granted(granting) == []
    assert push(granting) == "deny"
    assert len(records(granting, "alarm")) == 1


def test_without_a_terminal_no_prompt_is_a_persons(granting: Any) -> None:
    event = {"session_id": "s", "cwd": str(granting.place / "p"), "hook_event_name": "UserPromptSubmit"}
    shim = granting.open_shim()
    shim.communicate(json.dumps(event | {"prompt": "@guard allow push"}).encode(), timeout=60)
    assert shim.returncode == 0
    assert granted(granting) == []
    assert push(granting) == "deny"
    assert len(records(granting, "alarm")) == 1


def test_a_person_grants_at_a_terminal_and_an_agent_does_not(granting: Any) -> None:
    there = str(granting.place / "p")
    status, shown = ours_at_terminal(granting, "grants", "add", "allow push 10m", "--project", there)
    assert (status, "granted: allow push" in shown) == (0, True)
    assert push(granting) == "allow"
    assert granting.call("security-hooks grants add 'allow push'").verdict == "deny"
    bare = subprocess.run(
        [BIN / "security-hooks", "grants", "add", "allow push", "--socket", granting.socket],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    assert (bare.returncode, "in a terminal of your own" in bare.stderr) == (64, True)
    assert ours_at_terminal(granting, "grants", "add", "allow everything")[0] == 64
    assert ours_at_terminal(granting, "grants", "add", "allow rule guard-files", "--project", there)[0] == 1
    assert ours_at_terminal(granting, "grants", "revoke", "ZZZZ")[0] == 1


def test_a_nap_lets_everything_pass_but_what_harms_the_guard(granting: Any) -> None:
    assert ours_at_terminal(granting, "nap", "2h")[0] == 64
    assert ours_at_terminal(granting, "nap", "10m")[0] == 0
    assert (push(granting), granting.call("frob").verdict) == ("allow", "allow")
    assert granting.call("rm -rf ~/.config/security-hooks").verdict == "deny"
    assert granting.status()["granted"]["nap_seconds"] > 0
    calls = [record for record in records(granting, "decision") if record.get("nap")]
    assert [(record["verdict"], record["would"]) for record in calls] == [("allow", "deny"), ("allow", "ask")]
    assert ours_at_terminal(granting, "wake")[0] == 0
    assert ours_at_terminal(granting, "wake")[0] == 1
    assert push(granting) == "deny"
    assert [
        sorted({"began", "ended"} & record.keys()) for record in records(granting, "nap") if "refused" not in record
    ] == [
        ["began"],
        ["ended"],
    ]


def test_a_nap_ends_by_itself(granting: Any) -> None:
    assert ours_at_terminal(granting, "nap", "1s")[0] == 0
    granting.wait_until(lambda: push(granting) == "deny")
    granting.wait_until(lambda: any("ended" in record for record in records(granting, "nap")))
