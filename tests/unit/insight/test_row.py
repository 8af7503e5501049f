import json
from typing import Any

import pytest

from security_hooks.insight.row import CommandRow, EffectRow, FindingRow, rows_of


def line(seq: object = 7, **fields: Any) -> bytes:
    record = {"at": "2026-11-21T12:00:00.000000000Z", "fields": fields, "kind": "decision", "seq": seq, "v": 1}
    return json.dumps(record).encode() + b"\n"


def test_a_call_becomes_a_record_with_findings_commands_and_effects() -> None:
    rows = rows_of(
        line(
            client="codex-cli",
            kind_of_event="pre_tool",
            tool="Bash",
            severity="high",
            failure={"reason": "internal", "detail": "x"},
            elapsed_us=12,
            findings=[{"rule": "r", "tier": "block", "verdict": "deny", "severity": "critical"}],
            commands=[{"program": "rm", "action": "filesystem_delete", "severity": "medium"}],
            effects=[{"kind": "deletes", "target": "/a", "real": "/b"}],
        )
    )
    assert rows is not None
    record = rows.record
    assert (record.seq, record.client, record.severity, record.failure, record.elapsed_us) == (
        7,
        "codex-cli",
        3,
        "internal",
        12,
    )
    assert rows.findings == (FindingRow(7, "r", "block", "deny", 4),)
    assert rows.commands == (CommandRow(7, "rm", "filesystem_delete", 2),)
    assert rows.effects == (EffectRow(7, "deletes", "/a", "/b"),)
    assert rows.result is None


@pytest.mark.parametrize(
    "bad",
    [
        b"\n",
        b"{}\n",
        b"[1]\n",
        b'{"at":1,"fields":{},"kind":"x","seq":1}\n',
        line(seq=0),
        line(seq=-1),
        line(seq=2**63),
        line(seq="1"),
        b"\xff\n",
        b"[" * 100_000 + b"\n",
    ],
)
def test_what_is_no_record_gives_nothing(bad: bytes) -> None:
    assert rows_of(bad) is None


@pytest.mark.parametrize("odd", [{"characters": 3}, 7, None, [1], True, 2**70])
def test_what_is_not_of_the_expected_form_is_left_empty(odd: object) -> None:
    names = ("client", "session", "tool", "script", "severity", "verdict", "findings", "commands", "effects", "failure")
    rows = rows_of(line(kind_of_event="pre_tool", **dict.fromkeys(names, odd)))
    assert rows is not None
    assert (rows.record.client, rows.record.severity, rows.record.failure) == (None, None, None)
    assert (rows.findings, rows.commands, rows.effects) == ((), (), ())
    rows = rows_of(line(findings=[odd], commands=[odd], effects=[odd]))
    assert rows is not None and rows.findings == ()


def key(**fields: Any) -> int | None:
    rows = rows_of(line(client="c", session="s", tool="Bash", **fields))
    assert rows is not None
    return rows.record.call_key if rows.result is None else rows.result.call_key


def test_a_result_has_the_key_of_its_call() -> None:
    by_id = key(kind_of_event="pre_tool", call_id="t", script="ls")
    assert by_id is not None
    assert by_id == key(kind_of_event="post_tool", call_id="t", script="rewritten")
    assert by_id != key(kind_of_event="post_tool", call_id="u", script="ls")
    by_content = key(kind_of_event="pre_tool", script="ls")
    assert by_content == key(kind_of_event="post_tool_failure", script="ls")
    assert by_content != key(kind_of_event="post_tool", script="ls -l")
    assert key(kind_of_event="session_start") is None
