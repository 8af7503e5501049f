from pathlib import Path

import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.load import load_snapshot
from security_hooks.service.offline import Offline, fictitious_project, shell_event
from security_hooks.service.trial import MOST_CHARACTERS, Trial

PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
RULES = """block "etc"
  match deletes("/etc/**")
  nudge "no"

suspicious "odd"
  match command("frobnicate")
  nudge "hm"
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    rules: Path = tmp_path_factory.mktemp("rules")
    (rules / "a.rules").write_text(RULES)
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    directories = PolicyDirectories(str(shipped_dir()), str(rules), nowhere, nowhere, nowhere)
    return Offline(load_snapshot(directories, None), fictitious_project)


def trial(offline: Offline, event: HookEvent) -> Trial:
    return Trial(offline, event, PLACE, offline.placed(event, PLACE))


def marked(offline: Offline, command: str) -> list[str]:
    event = shell_event(command, "/home/user/project")
    finding = offline.placed(event, PLACE).decision.findings[0]
    return [command[start:end] for start, end in trial(offline, event).evidence(finding)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("rm /etc/a", ["rm /etc/a"]),
        ("ls; rm x /etc/a y; pwd", ["rm", "/etc/a"]),
        ("sudo rm -v /etc/a", ["rm", "/etc/a"]),
        ("D=/etc; ls; rm $D/a", ["D=/etc", "rm $D/a"]),
        ("sh -c 'ls; rm /etc/a'", ["sh -c", "rm /etc/a"]),
        ("echo $(rm /etc/a)", ["rm /etc/a"]),
        ("frobnicate --x | cat", ["frobnicate"]),
    ],
)
def test_the_evidence_is_what_nothing_can_go_of(offline: Offline, command: str, expected: list[str]) -> None:
    assert marked(offline, command) == expected


@pytest.mark.parametrize(
    ("command", "script", "verdict"),
    [
        ("ls; rm /etc/a", "ls; rm ./a", Verdict.ALLOW),
        ("rm /etc/a build", "rm ./a build", Verdict.ALLOW),
        ("frobnicate | cat", "cat", Verdict.ALLOW),
        ("rm /etc/a; frobnicate", "rm ./a; frobnicate", Verdict.ASK),
        ("frobnicate", None, None),
        ("ls", None, None),
    ],
)
def test_the_smallest_edit_that_helps_is_found_and_judged(
    offline: Offline, command: str, script: str | None, verdict: Verdict | None
) -> None:
    edit = trial(offline, shell_event(command, "/home/user/project")).smallest_edit()
    assert (edit and edit.script, edit and edit.verdict) == (script, verdict)


def test_the_text_of_a_payload_is_changed_wherever_rules_look(offline: Offline) -> None:
    client = client_named("claude-code")
    assert client is not None
    event = client.decode(
        b'{"session_id":"s","cwd":"/home/user/project","hook_event_name":"PreToolUse","tool_name":"Bash",'
        b'"tool_input":{"command":"rm /etc/a"}}'
    )
    edit = trial(offline, event).smallest_edit()
    assert edit is not None
    assert edit.verdict is Verdict.ALLOW


def test_a_script_too_long_to_be_judged_again_is_left_alone(offline: Offline) -> None:
    command = "rm /etc/a #" + "x" * MOST_CHARACTERS
    event = shell_event(command, "/home/user/project")
    judgement = offline.placed(event, PLACE)
    again = Trial(offline, event, PLACE, judgement)
    assert again.smallest_edit() is None
    assert again.evidence(judgement.decision.findings[0])


def test_the_number_of_judgements_is_bounded(offline: Offline, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    placed = Offline.placed

    def counted(self: Offline, event: HookEvent, place: Place) -> object:
        judged.append(event.session_id)
        return placed(self, event, place)

    event = shell_event("; ".join(["rm /etc/a"] * 300), "/home/user/project")
    again = trial(offline, event)
    finding = offline.placed(event, PLACE).decision.findings[0]
    monkeypatch.setattr(Offline, "placed", counted)
    assert again.smallest_edit() is None
    again.evidence(finding)
    assert 0 < len(judged) <= 400
