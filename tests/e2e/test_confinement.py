"""Scope and budgets: the real daemon, the real shim, payloads of each client, a restart, and a person who permits."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Answer, answer
from tests.e2e.test_asks import waiting
from tests.fakes.terminal import ours_at_terminal

pytestmark = pytest.mark.slow
CLIENTS = ["claude-code", "codex-cli", "gemini-cli"]
SCOPE = '[scope]\npaths = [".", "!.github"]\nhosts = ["*.example.com"]\n'
# The tool that writes a file, and what it calls what it is given.
WRITERS = {
    "claude-code": ("Write", {"file_path": "{}", "content": "x"}),
    "codex-cli": ("apply_patch", {"command": "*** Begin Patch\n*** Add File: {}\n+x\n*** End Patch"}),
    "gemini-cli": ("write_file", {"file_path": "{}", "content": "x"}),
}


def configured(unstarted: Any, text: str) -> Any:
    unstarted.config.mkdir(parents=True, exist_ok=True)
    (unstarted.config / "config.toml").write_text(text)
    return unstarted if unstarted.process is not None else unstarted.start()


def written(daemon: Any, client: str, path: str, cwd: str) -> Answer:
    """The answer to a call of the client's own tool for files."""
    tool, given = WRITERS[client]
    call = {
        "session_id": "s",
        "cwd": cwd,
        "hook_event_name": "BeforeTool" if client == "gemini-cli" else "PreToolUse",
        "tool_name": tool,
        "tool_input": {name: value.replace("{}", path) for name, value in given.items()},
    }
    shim = daemon.open_shim(client)
    shim.stdin.write(json.dumps(call).encode())
    shim.stdin.close()
    shim.stdin = None
    return answer(shim)


@pytest.mark.parametrize("client", CLIENTS)
def test_what_leaves_the_scope_is_denied_by_whatever_tool_and_links_are_followed(
    unstarted: Any, client: str, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    (project / ".git").mkdir(parents=True)
    (project / "conf").symlink_to("/srv/kept")
    daemon = configured(unstarted, SCOPE)

    def verdicts(*commands: str) -> list[str]:
        return [daemon.call(command, client=client, cwd=str(project)).verdict for command in commands]

    assert verdicts("touch src/a", "pytest > /tmp/log", "cat /etc/os-release") == ["allow"] * 3
    assert verdicts("touch ~/a", "rm -r .github", "touch conf/nothing", "chmod 600 co*") == ["deny"] * 4
    assert verdicts("curl https://api.example.com", "curl https://other.test") == ["allow", "deny"]
    # Too many commands for the loop: judged apart, with the same eyes.
    assert verdicts("true; " * 100 + "touch src/a", "true; " * 100 + "touch conf/nothing") == ["allow", "deny"]
    said = daemon.call("touch conf/nothing", client=client, cwd=str(project))
    assert "(which is /srv/kept/nothing), outside of the scope (`.`, `!.github`)" in said.stdout + said.stderr
    assert "[scope] paths" in said.stdout + said.stderr
    assert written(daemon, client, f"{project}/src/b", str(project)).verdict == "allow"
    assert written(daemon, client, f"{project}/conf/b", str(project)).verdict == "deny"
    assert written(daemon, client, f"{project}/.github/b", str(project)).verdict == "deny"

    configured(daemon, SCOPE.replace('"!.github"', '"/srv/kept"'))
    daemon.wait_until(lambda: verdicts("touch conf/nothing") == ["allow"])
    assert daemon.verify().returncode == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_a_spent_budget_stops_a_session_also_after_a_restart_until_a_person_permits_a_call(
    unstarted: Any, client: str
) -> None:
    daemon = configured(unstarted, '[budgets.session]\nfiles_deleted = "4 per 1d"\n')
    first = ["rm a b", "rm a", "rm -f /", "rm c"]
    daemon.call("rm -rf /", client=client)
    assert [daemon.call(command, client=client).verdict for command in first] == ["allow", "allow", "deny", "allow"]
    # Codex CLI and Gemini CLI have nobody to put a question to.
    stopped = "ask" if client == "claude-code" else "deny"

    daemon.stop()
    daemon.start()
    said = daemon.call("rm d e", client=client)
    assert said.verdict == stopped
    assert "deleted 3 different files within 24 h, and this call would add 2" in said.stdout + said.stderr
    assert "[budgets.session] files_deleted" in said.stdout + said.stderr
    assert daemon.call("rm a b c", client=client).verdict == "allow"
    assert answer(daemon.shim("rm d e", client=client, session="other")).verdict == "allow"

    (ask,) = waiting(daemon)
    assert ask["rules"] == ["budget-files-deleted"]
    status, told = ours_at_terminal(daemon, "allow-once", ask["code"])
    assert status == 0, told
    assert daemon.call("rm d e", client=client).verdict == "allow"
    assert daemon.call("rm f", client=client).verdict == stopped

    configured(daemon, '[budgets.session]\nfiles_deleted = ""\n')
    daemon.wait_until(lambda: daemon.call("rm g", client=client).verdict == "allow")
    assert daemon.verify().returncode == 0


def test_where_it_only_observes_the_record_says_what_would_have_been(unstarted: Any) -> None:
    text = f'mode = "observe"\n{SCOPE}[budgets]\nexceeded = "deny"\n[budgets.machine]\nfiles_deleted = "1 per 1h"\n'
    daemon = configured(unstarted, text)
    assert [daemon.call(command).verdict for command in ("rm a", "rm b", "touch ~/a")] == ["allow"] * 3
    decisions = [record for record in daemon.records() if record["kind"] == "decision"]
    assert [record.get("would", record["verdict"]) for record in decisions] == ["allow", "deny", "deny"]
