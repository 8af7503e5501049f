import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.main import main
from security_hooks.cli.replay import recalled
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import Place
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.model.reply import HookReply
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.offline import shell_event
from security_hooks.service.peer import Peer
from security_hooks.service.recall import Case

HOME, CWD = "/home/user", "/home/user/project"
NOON = 1_795_262_400_000_000_000
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
NO_LS = 'block "no-ls"\n  match command("ls")\n  nudge "no"\n'
FINDING = Finding("critical-deletion", Tier.BLOCK, True, Verdict.DENY, "", "", 0, "", 1, Severity.HIGH)
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT, digest="then")
DENIED = Decision(Verdict.DENY, Basis.RULE, (FINDING,), would=Verdict.DENY, digest="then")


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    return ["--config-dir", str(tmp_path / "config"), "--state-dir", str(tmp_path / "state")]


def record(command: str, decision: Decision = ALLOWED, at: int = NOON) -> AuditRecord:
    event = shell_event(command, CWD)
    exchange = Exchange(Peer(1, 1), name="claude-code", event=event, place=Place(CWD, HOME, CWD))
    return decision_record(at, exchange, decision, HookReply(0))


def write(tmp_path: Path, *records: AuditRecord, content: Content = Content.FULL) -> Path:
    directory = tmp_path / "state/audit"
    writer = AuditWriter(directory, WriterSettings(reserve_bytes=65_536, content=content), clock=lambda: NOON)
    for one in records:
        writer.append(one)
    writer.close()
    return directory


def test_nothing_changed_ends_in_0(places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, AuditRecord(RecordKind.START, NOON, {}), record("mkdir x"), record("rm -rf ~/Pictures", DENIED))
    assert main(["replay", *places]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 records judged: 2 unchanged, 0 changed",
        "interrupted by     asked before  after  denied before  after",
        "any rule           0             0      1              1",
        "critical-deletion  0             0      1              1",
    ]


def test_where_nothing_interrupts_that_is_not_told(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, record("mkdir x"))
    assert main(["replay", *places]) == 0
    assert capsys.readouterr().out == "1 record judged: 1 unchanged, 0 changed\n"


def test_a_changed_verdict_is_told_with_the_rules_and_ends_in_1(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "proposed").mkdir()
    (tmp_path / "proposed/a.rules").write_text(NO_LS)
    write(tmp_path, record(f"ls --token {TOKEN}"), record("rm -rf ~/Pictures", DENIED), record("pwd"))
    assert main(["replay", *places, "--rules", str(tmp_path / "proposed")]) == 1
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "allow -> deny   record 1  no rule -> no-ls  Bash: ls --token [REDACTED:github-token]",
        "deny -> allow   record 2  critical-deletion -> no rule  Bash: rm -rf ~/Pictures",
        "3 records judged: 1 unchanged, 2 changed",
        "        1  allow -> deny",
        "        1  deny -> allow",
        "interrupted by     asked before  after  denied before  after",
        "any rule           0             0      1              1",
        "critical-deletion  0             0      1              0",
        "no-ls              0             0      0              1",
    ]


def test_json_is_a_line_for_each_change_and_one_for_the_totals(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, record("ls", DENIED), record("pwd"))
    assert main(["replay", *places, "--json"]) == 1
    change, totals = map(json.loads, capsys.readouterr().out.splitlines())
    assert (change["record"], change["text"], change["same_policy"]) == ("1", "Bash: ls", False)
    assert change["before"] == {"verdict": "deny", "rules": ["critical-deletion"], "policy": "then"}
    assert change["after"]["verdict"] == "allow"
    assert (totals["judged"], totals["changed"]) == (2, 1)
    assert totals["changes"] == [{"before": "deny", "after": "allow", "count": 1}]
    before, after = {"ask": 0, "deny": 1}, {"ask": 0, "deny": 0}
    assert totals["interruptions"] == {
        "before": before,
        "after": after,
        "rules": [{"rule": "critical-deletion", "before": before, "after": after}],
    }


def test_what_cannot_be_judged_again_is_counted_by_its_reason(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, record("ls"), record("ls"), content=Content.STRUCTURE)
    assert main(["replay", *places]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0 records judged: 0 unchanged, 0 changed",
        "2 records not judged",
        '        2  the log keeps no text (content = "structure")',
    ]


def test_only_records_of_the_time_asked_for_are_judged(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, record("ls"), record("ls", at=NOON + 3_600_000_000_000))
    assert main(["replay", *places, "--since", "2026-11-21T12:30:00"]) == 0
    assert capsys.readouterr().out.startswith("1 record judged")


def test_segments_may_be_named_or_piped_in(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = next(write(tmp_path, record("mkdir x")).glob("*.jsonl"))
    assert main(["replay", *places, str(segment), str(segment)]) == 0
    assert capsys.readouterr().out.startswith("2 records judged")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(segment.read_bytes() + b"torn")))
    assert main(["replay", *places, "-"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 record judged: 1 unchanged, 0 changed",
        "1 record not judged",
        "        1  no record that can be read",
    ]


def test_lines_are_read_one_by_one() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b"no record\n"

    for number, _ in zip(range(1, 4), recalled(endless(), ""), strict=False):
        assert len(read) == number


def test_the_text_of_a_call_is_cut_and_nothing_in_it_is_obeyed(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, record("echo \x1b[31m" + "x" * 1_000, DENIED))
    assert main(["replay", *places]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert "\x1b" not in first
    assert len(first) < 300


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([], 64, "there is no audit log"),
        (["/nowhere/x.jsonl"], 64, "cannot read /nowhere/x.jsonl"),
        (["--rules", "BROKEN", "-"], 65, "broken.rules"),
    ],
)
def test_errors_have_their_status_and_no_traceback(
    words: list[str],
    status: int,
    says: str,
    places: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/broken.rules").write_text("block broken\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    given = [str(tmp_path / "b") if word == "BROKEN" else word for word in words]
    assert main(["replay", *places, *given]) == status
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "x", "7", "7y", "2026-13-01", "-1d"])
def test_a_time_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", f"--since={text}"])
    assert ended.value.code == 64


def test_an_older_line_still_is_a_case() -> None:
    line: dict[str, Any] = {
        "at": "2026-11-21T12:00:00.000000000Z",
        "fields": {
            "basis": "default",
            "client": "claude-code",
            "cwd": CWD,
            "event": "PreToolUse",
            "exit_status": 0,
            "kind_of_event": "pre_tool",
            "permission_mode": None,
            "policy": "d",
            "script": "ls",
            "session": "s",
            "tool": "Bash",
            "tool_kind": "shell",
            "verdict": "allow",
            "would": "allow",
            "project": CWD,
        },
        "hash": "",
        "kind": "decision",
        "prev": "",
        "seq": 1,
        "v": 1,
    }
    (case,) = recalled([json.dumps(line).encode()], "")
    assert isinstance(case, Case)
    assert case.event.tool is not None
    assert case.event.tool.script == "ls"


def test_of_what_was_only_observed_it_is_told_what_would_have_been(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    observed = replace(DENIED, verdict=Verdict.ALLOW)
    write(tmp_path, record("pwd", observed), record("rm -rf ~/Pictures", observed))
    assert main(["replay", *places]) == 1
    out = capsys.readouterr().out
    assert "deny -> allow   record 1" in out
    assert "critical-deletion  0             0      2              1" in out


def test_rules_whose_count_changes_come_first_and_not_all_are_listed(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    denied = [replace(DENIED, findings=(replace(FINDING, rule=f"rule-{number:02}"),)) for number in range(20)]
    write(tmp_path, record("rm -rf ~/Pictures", DENIED), *(record("pwd", one) for one in denied))
    assert main(["replay", *places]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "and 6 more rules, which `--json` has"
    assert [line.split()[0] for line in lines if line.startswith("rule-")] == [f"rule-{n:02}" for n in range(15)]
