import argparse
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.audit.reader import last_lines
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli import audit_tail
from security_hooks.cli.audit import COMMAND
from security_hooks.cli.audit_table import Table, row_of
from security_hooks.cli.audit_tail import follow_log
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AuditWriter]:
    """A log of three calls and a start, still open."""
    log = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536), clock=lambda: NOON)
    log.append(AuditRecord(RecordKind.START, NOON, {"version": "1.0"}))
    for verdict, would in (("allow", "deny"), ("ask", "ask"), ("deny", "deny")):
        log.append(decision(verdict, would))
    yield log
    log.close()


def decision(verdict: str, would: str) -> AuditRecord:
    findings: list[Json] = [{"rule": "destructive-rm", "evidence": "rm -rf build"}]
    fields: dict[str, Json] = {
        "client": "codex-cli",
        "event": "PreToolUse",
        "tool": "Bash",
        "script": "rm -rf build\n\x1b[2J",
        "verdict": verdict,
        "would": would,
        "findings": findings,
    }
    return AuditRecord(RecordKind.DECISION, NOON, fields)


def run(state: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args([*words, "--state-dir", str(state)]))


def test_tail_prints_a_row_per_record(writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "tail") == 0
    assert capsys.readouterr().out.splitlines() == [
        '       1  2026-11-21 12:00:00  start     {"version": "1.0"}',
        "       2  2026-11-21 12:00:00  allow     codex-cli    Bash          destructive-rm           (would deny)"
        "  rm -rf build\\n\\x1b[2J",
        "       3  2026-11-21 12:00:00  ask       codex-cli    Bash          destructive-rm          "
        "  rm -rf build\\n\\x1b[2J",
        "       4  2026-11-21 12:00:00  deny      codex-cli    Bash          destructive-rm          "
        "  rm -rf build\\n\\x1b[2J",
    ]


def test_tail_as_json_prints_the_lines_as_they_are(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "tail", "-n", "2", "--json") == 0
    lines = last_lines(tmp_path / "audit", 2)[0]
    assert capsys.readouterr().out.encode() == b"".join(lines)


def test_following_prints_what_comes_once(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def changes() -> Iterator[object]:
        for verdict in ("allow", "deny"):
            writer.append(decision(verdict, verdict))
            yield {verdict}
        yield set()

    _, cursor = last_lines(tmp_path / "audit", 1)
    follow_log(tmp_path / "audit", cursor, changes(), None)
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [5, 6]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--verdict", "deny"], [4]),
        (["--verdict", "deny", "--verdict", "ask", "-n", "1"], [4]),
        (["--would", "deny"], [2, 4]),
        (["--kind", "start"], [1]),
        (["--rule", "none"], []),
    ],
)
def test_tail_takes_a_filter(
    words: list[str], expected: list[int], writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "tail", "--json", *words) == 0
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == expected


def test_following_prints_what_passes(
    writer: AuditWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def changes(*_: object, **__: object) -> Iterator[object]:
        for verdict in ("allow", "deny", "ask"):
            writer.append(decision(verdict, verdict))
            yield set()

    monkeypatch.setattr(audit_tail, "watch", changes)
    assert run(tmp_path, "tail", "-f", "--json", "--verdict", "deny") == 0
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [4, 6]
    with pytest.raises(StartupError, match="not known yet"):
        run(tmp_path, "tail", "-f", "--outcome", "ran")


def test_show_prints_one_record_in_full(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "show", "3") == 0
    shown = capsys.readouterr().out
    assert json.loads(shown)["fields"]["verdict"] == "ask"
    assert "\x1b" not in shown
    assert run(tmp_path, "show", "3", "--json") == 0
    assert json.loads(capsys.readouterr().out)["seq"] == 3


def test_show_says_when_there_is_no_such_record(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "show", "99") == 1
    assert capsys.readouterr().err == f"there is no record 99 in {tmp_path}/audit\n"


def test_options_may_stand_before_the_verb(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    assert COMMAND.run(parser.parse_args(["--state-dir", str(tmp_path), "--json", "verify"])) == 0
    assert json.loads(capsys.readouterr().out)["whole"] is True


def test_verify_of_a_whole_log(writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "verify") == 0
    assert capsys.readouterr().out == (
        "whole: 4 records in 1 segment\nnot signed: no checkpoint covers a record, so a lost end would not show\n"
    )


def test_verify_names_a_torn_line_and_ends_well(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "audit/00000001.jsonl").open("ab") as file:
        file.write(b'{"at":')
    assert run(tmp_path, "verify") == 0
    assert capsys.readouterr().out == (
        "whole: 4 records in 1 segment\n"
        "not signed: no checkpoint covers a record, so a lost end would not show\n"
        "00000001.jsonl: the last line (6 bytes) was never written whole; the next start of the daemon cuts it off\n"
    )


def test_verify_names_the_first_bad_record(
    writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "audit/00000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"ask"', b'"deny"', 1))
    assert run(tmp_path, "verify") == 1
    assert capsys.readouterr().out == (
        "broken: 4 records in 1 segment\n"
        "first bad record: 3 (00000001.jsonl, line 3): edit: the record's content does not give its hash\n"
    )
    assert run(tmp_path, "verify", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "whole": False,
        "records": 4,
        "segments": 1,
        "torn": None,
        "problem": {
            "damage": "edit",
            "seq": 3,
            "segment": "00000001.jsonl",
            "line": 3,
            "detail": "the record's content does not give its hash",
        },
        "first": 1,
        "pruned": None,
        "proof": {"checkpoints": 0, "covered": 0, "at": None, "signers": []},
    }


@pytest.mark.parametrize("words", [("tail",), ("show", "1"), ("verify",), ("verify", "--chain-only")])
def test_no_log_is_said_in_a_sentence(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *words) == 1
    assert capsys.readouterr().err == f"there is no audit log in {tmp_path}/audit; the daemon makes it when it starts\n"


@pytest.mark.parametrize("words", [("tail", "-n", "0"), ("show", "x"), ("show", "-1"), ()])
def test_wrong_usage_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, *words)


@pytest.mark.parametrize("line", [b"hello\n", b"[]\n", b'{"fields":1}\n', b"\xff\xfe\n", b'{"fields":{},"kind":"x"}\n'])
def test_a_line_that_is_no_record_is_shown_as_such(line: bytes) -> None:
    assert row_of(line).plain.startswith("       ?  not a record: ")


def test_nothing_printed_moves_the_terminal() -> None:
    assert visible("a\x1b]0;x\x07\u202eb\u200bé") == "a\\x1b]0;x\\x07\\u202eb\\u200bé"


def test_no_colour_without_a_terminal() -> None:
    stream = io.StringIO()
    Table(stream).add(b'{"at":"2026-11-21T12:00:00.000000000Z","fields":{},"kind":"stop","seq":1}')
    assert stream.getvalue() == "       1  2026-11-21 12:00:00  stop      \n"
