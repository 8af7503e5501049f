"""Messages of RFC 5424."""

import json
from typing import Any

import pytest

from security_hooks.insight.cursor import BEGINNING
from security_hooks.insight.follow import Entry, read_after
from security_hooks.insight.sinks.syslog_message import message_of


def entry_of(log: Any, kind: str = "decision", **fields: Any) -> Entry:
    log.append(kind=kind, **fields)
    return read_after(log.directory, BEGINNING, 1).entries[0]


def test_a_message_has_the_header_and_the_record(log: Any) -> None:
    entry = entry_of(log, verdict="deny")
    head, _, record = message_of(entry, "authpriv", "host", 8192).partition(b"] ")
    assert head == b'<84>1 2026-11-21T10:00:00.123456Z host security-hooks - decision [meta sequenceId="1"'
    assert record == entry.line


@pytest.mark.parametrize(
    ("kind", "verdict", "facility", "priority"),
    [
        ("decision", "allow", "user", 8 + 6),
        ("decision", "ask", "local7", 23 * 8 + 5),
        ("decision", "deny", "auth", 4 * 8 + 4),
        ("alarm", "allow", "daemon", 3 * 8 + 3),
        ("start", "allow", "local0", 16 * 8 + 6),
    ],
)
def test_facility_and_severity(log: Any, kind: str, verdict: str, facility: str, priority: int) -> None:
    assert message_of(entry_of(log, kind, verdict=verdict), facility, "h", 8192).startswith(b"<%d>1 " % priority)


@pytest.mark.parametrize(("host", "name"), [("a b\nc", b" abc "), ("\u00e9", b" - "), ("", b" - ")])
def test_a_host_name_breaks_no_header(log: Any, host: str, name: bytes) -> None:
    assert name + b"security-hooks - decision" in message_of(entry_of(log), "user", host, 8192)


def test_of_a_long_record_the_longest_texts_are_cut(log: Any) -> None:
    entry = entry_of(log, script="x" * 5000, note="y" * 400, input={"/a": "z" * 3000}, findings=[{"nudge": "n" * 2000}])
    message = message_of(entry, "user", "h", 1500)
    assert len(message) <= 1500
    record = json.loads(message.partition(b"] ")[2])
    assert record["fields"]["script"] == "[CUT:5000]"
    assert record["fields"]["input"] == {"/a": "[CUT:3000]"}
    assert record["fields"]["findings"].startswith("[CUT:")
    assert record["fields"]["note"] == "y" * 400
    assert (record["seq"], record["hash"]) == (1, entry.record.hash)


def test_what_cannot_be_cut_is_sent_as_it_is(log: Any) -> None:
    numbers: dict[str, Any] = {f"k{number}": number for number in range(500)}
    entry = entry_of(log, **numbers)
    assert message_of(entry, "user", "h", 1024).endswith(entry.line)
