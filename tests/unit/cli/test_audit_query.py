"""`audit query`, `audit export` and `audit stats`: one log, asked in several ways, through the dispatcher."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.command import Exit
from security_hooks.cli.main import main
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AuditWriter]:
    """A log of two calls, the result of one, and a start, still open."""
    log = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536), clock=lambda: NOON)
    call: dict[str, Json] = {"client": "codex-cli", "tool": "Bash", "session": "s", "kind_of_event": "pre_tool"}
    finding: list[Json] = [{"rule": "destructive-rm", "verdict": "ask", "severity": "high"}]
    effects: list[Json] = [{"kind": "deletes", "target": "/home/u/p/build"}]
    log.append(AuditRecord(RecordKind.START, NOON, {"version": "1.0"}))
    asked = {**call, "verdict": "ask", "would": "ask", "script": "rm -r build\x1b[2J", "findings": finding}
    log.append(AuditRecord(RecordKind.DECISION, NOON, {**asked, "effects": effects, "severity": "medium"}))
    done = {**call, "kind_of_event": "post_tool", "verdict": "allow", "would": "allow", "outcome": "ran"}
    log.append(AuditRecord(RecordKind.DECISION, NOON + 10**9, {**done, "script": "rm -r build\x1b[2J"}))
    other = {**call, "verdict": "allow", "would": "allow", "tool": "=HYPERLINK()", "elapsed_us": 90, "cwd": "/\x1b[2J"}
    log.append(AuditRecord(RecordKind.DECISION, NOON + 2 * 10**9, {**other, "input": {"/x": "y"}}))
    yield log
    log.close()


@pytest.fixture
def run(writer: AuditWriter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a verb of `audit` on that log; its exit status, output and errors."""

    def call(*words: str) -> tuple[int, str, str]:
        status = main(["audit", *words, "--state-dir", str(tmp_path)])
        return (status, *capsys.readouterr())

    return call


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [1, 2, 3, 4]),
        (["--verdict", "ask"], [2]),
        (["--verdict", "ask", "--verdict", "allow"], [2, 3, 4]),
        (["--outcome", "ran"], [2]),
        (["--rule", "destructive-*", "--path", "/home/u/p"], [2]),
        (["--text", "RM -R"], [2, 3]),
        (["--kind", "start"], [1]),
        (["--since", "2026-11-21T12:00:02"], [4]),
        (["--until", "2026-11-21T12:00:01", "--client", "codex-cli"], [2]),
        (["-n", "2"], [3, 4]),
        (["-n", "0"], [1, 2, 3, 4]),
    ],
)
def test_query_prints_what_is_asked_for(words: list[str], expected: list[int], run: Run) -> None:
    status, out, _ = run("query", "--json", *words)
    assert (status, [json.loads(line)["seq"] for line in out.splitlines()]) == (Exit.OK, expected)


def test_a_row_tells_what_became_of_the_call_and_nothing_that_a_terminal_obeys(run: Run) -> None:
    _, out, _ = run("query", "--verdict", "ask")
    assert out == (
        "       2  2026-11-21 12:00:00  ask       codex-cli    Bash          destructive-rm           (ran)"
        "  rm -r build\\x1b[2J\n"
    )


def test_a_call_has_its_result_beside_it(run: Run) -> None:
    found = [json.loads(line) for line in run("query", "--json", "--client", "codex-cli")[1].splitlines()]
    assert [record.get("result") for record in found] == [{"outcome": "ran", "seq": 3}, None, None]


def test_what_is_left_out_is_told(run: Run) -> None:
    assert "only the last 1 are shown" in run("query", "-n", "1")[2]
    assert run("query", "-n", "4")[2] == ""


@pytest.mark.parametrize("verb", ["query", "stats"])
def test_nothing_found_is_a_no(verb: str, run: Run) -> None:
    assert run(verb, "--rule", "none")[0] == Exit.NO


@pytest.mark.parametrize(
    "words", [["--since", "soon"], ["--verdict", "maybe"], ["--severity", "dire"], ["-n", "-1"], ["--kind", "x"]]
)
def test_what_cannot_be_asked_is_a_mistake(words: list[str], tmp_path: Path, writer: AuditWriter) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "query", *words, "--state-dir", str(tmp_path)])
    assert ended.value.code == Exit.USAGE


def test_questions_see_what_was_written_a_moment_ago(run: Run, writer: AuditWriter) -> None:
    assert run("query", "--kind", "stop")[0] == Exit.NO
    writer.append(AuditRecord(RecordKind.STOP, NOON, {}))
    assert run("query", "--kind", "stop")[0] == Exit.OK


def test_where_the_store_cannot_be_kept_the_log_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "insight").write_text("in the way")
    status, out, err = run("query", "--json")
    assert (status, len(out.splitlines())) == (Exit.OK, 4)
    assert "reading the whole log instead" in err


def test_of_anothers_log_no_store_is_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: (tmp_path / "audit").stat().st_uid + 1)
    assert len(run("query", "--json")[1].splitlines()) == 4
    assert not (tmp_path / "insight").exists()


def test_without_a_log_there_is_nothing_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "query", "--state-dir", str(tmp_path)]) == Exit.NO
    assert "there is no audit log" in capsys.readouterr().err
    assert not (tmp_path / "insight").exists()


def test_export_as_lines_has_every_record(run: Run) -> None:
    status, out, _ = run("export")
    assert (status, [json.loads(line)["seq"] for line in out.splitlines()]) == (Exit.OK, [1, 2, 3, 4])


def test_export_as_csv_has_a_row_for_each_and_no_formula(run: Run) -> None:
    _, out, _ = run("export", "--format", "csv", "--kind", "decision")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["seq"], row["verdict"], row["outcome"], row["rules"]) for row in rows] == [
        ("2", "ask", "ran", "destructive-rm"),
        ("3", "allow", "", ""),
        ("4", "allow", "", ""),
    ]
    assert (rows[0]["severity"], rows[2]["tool"], rows[2]["cwd"]) == ("medium", "'=HYPERLINK()", "/\\x1b[2J")


def test_stats_have_tables_and_a_plot(run: Run) -> None:
    status, out, _ = run("stats")
    assert status == Exit.OK
    lines = [line.split() for line in out.splitlines()]
    assert "2 calls from 2026-11-21 12:00:00 to 2026-11-21 12:00:02; hours with any: 1" in out
    assert ["ask", "1", "50.0", "%"] in lines
    assert ["destructive-rm", "1", "1", "0", "1.0"] in lines
    assert ["ran", "1", "100.0", "%"] in lines
    assert ["p99", "90", "us"] in lines
    assert any(line[:3] == ["2026-11-21", "12:00", "2"] and len(line) == 4 for line in lines)


def test_stats_as_json_are_the_numbers(run: Run) -> None:
    told = json.loads(run("stats", "--json")[1])
    assert (told["calls"], told["asks_per_hour"], told["latency_us"]["max"]) == (2, 1.0, 90)
