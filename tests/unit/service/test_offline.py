import json
from dataclasses import replace
from pathlib import Path

import pytest

from security_hooks.clients import CLIENTS
from security_hooks.model.decision import Basis, Verdict
from security_hooks.model.failure import Reason
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.offline import Offline, fictitious_project, real_home
from security_hooks.service.place import find_project

HOME = "/home/user"
EMPTY = assemble_at_once(Build("d", Config(), ()))


def offline(snapshot: Snapshot = EMPTY) -> Offline:
    return Offline(snapshot, fictitious_project)


def payload(command: str, **more: object) -> bytes:
    call = {
        "session_id": "s",
        "cwd": "/home/user/project",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": command},
    }
    return json.dumps(call | more).encode()


def test_a_command_is_judged_as_a_call_of_the_shell_tool() -> None:
    call = offline().command("git status", "/home/user/project/src", HOME).call
    assert call is not None
    assert call.script is not None
    assert [command.program for command in call.script.commands] == ["git"]
    assert (call.place.cwd, call.place.home) == ("/home/user/project/src", HOME)
    assert call.place.project == "/home/user/project/src"


def test_a_payload_is_judged_as_its_client_means_it() -> None:
    judgement = offline().payload("codex-cli", payload("git status"), HOME)
    assert judgement.call is not None
    assert judgement.call.event.client == "codex-cli"
    assert judgement.decision.verdict is Verdict.ALLOW


@pytest.mark.parametrize("client", [client.name for client in CLIENTS])
@pytest.mark.parametrize("broken", [b"", b"{", payload("x", cwd="relative"), payload("x", tool_name=5)])
def test_a_payload_that_cannot_be_read_is_a_failure(client: str, broken: bytes) -> None:
    judgement = offline().payload(client, broken, HOME)
    assert judgement.decision.verdict is Verdict.DENY
    assert judgement.decision.failure is not None
    assert judgement.decision.failure.reason is Reason.BAD_PAYLOAD


def test_a_client_that_nobody_knows_is_a_failure() -> None:
    decision = offline().payload("emacs", payload("x"), HOME).decision
    assert decision.failure is not None
    assert decision.failure.reason is Reason.UNKNOWN_CLIENT


def test_a_defect_is_a_failure_with_its_traceback() -> None:
    def raising(cwd: str, home: str) -> str | None:
        raise ZeroDivisionError(cwd)

    for mode, verdict in ((Mode.ENFORCE, Verdict.DENY), (Mode.OBSERVE, Verdict.ALLOW)):
        broken = Offline(replace(EMPTY, config=Config(mode=mode)), raising)
        decision = broken.command("ls", "/x", HOME).decision
        assert (decision.verdict, decision.would, decision.basis) == (verdict, Verdict.DENY, Basis.FAILURE)
        assert decision.failure is not None
        assert "ZeroDivisionError" in decision.failure.detail


def test_in_a_fictitious_world_no_directory_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    deep = f"{tmp_path}/a/b"
    assert find_project(deep, HOME) == str(tmp_path)
    assert fictitious_project(deep, HOME) == deep
    assert fictitious_project("/", HOME) is None


def test_the_home_is_an_absolute_path() -> None:
    assert real_home().startswith("/")
