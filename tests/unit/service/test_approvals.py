import json
from typing import Any

import pytest

from security_hooks.insight.answers import MOST_HELD
from security_hooks.insight.ask_event import observed_event
from security_hooks.insight.attention import BLIND_MS
from security_hooks.service.approvals import outcomes

AT = "2026-11-0{}T12:00:00.000000000Z"


def line(seq: int, kind: str, command: str = "frob x", /, **fields: Any) -> bytes:
    """A record as the daemon writes it."""
    given = {
        "client": "claude-code",
        "session": "s",
        "cwd": "/p",
        "home": "/home/u",
        "project": "/p",
        "event": "PreToolUse",
        "kind_of_event": kind,
        "tool": "Bash",
        "tool_kind": "shell",
        "call_id": "t1",
        "script": command,
        "verdict": "allow",
        "would": fields.get("verdict", "allow"),
        "basis": "rule",
        "policy": "d",
        "exit_status": 0,
    }
    present = {name: value for name, value in (given | fields).items() if value is not None}
    return json.dumps(
        {"v": 1, "seq": seq, "at": AT.format(min(seq, 9)), "kind": "decision", "fields": present}
    ).encode()


def ask(seq: int = 1, command: str = "frob x", /, **fields: Any) -> bytes:
    return line(seq, "pre_tool", command, **({"verdict": "ask", "answered": "ask"} | fields))


def found(*lines: bytes, since: str = "") -> list[tuple[str, bool]]:
    return [(outcome.case.name, outcome.ran) for outcome in outcomes(lines, "/home/u", BLIND_MS, since)]


@pytest.mark.parametrize("kind", ["post_tool", "post_tool_failure"])
def test_an_ask_whose_result_is_recorded_was_approved(kind: str) -> None:
    assert found(ask(), line(2, "permission"), line(3, kind)) == [("1", True)]


def test_an_ask_without_a_result_was_not() -> None:
    assert found(ask()) == [("1", False)]


@pytest.mark.parametrize(
    "result",
    [{"call_id": "t2"}, {"session": "other"}, {"client": "codex-cli"}],
)
def test_the_result_of_another_call_approves_nothing(result: dict[str, Any]) -> None:
    assert found(ask(), line(2, "post_tool", **result)) == [("1", False)]


def test_what_ran_with_another_input_was_not_approved() -> None:
    assert found(ask(), line(2, "post_tool", "frob y")) == [("1", False)]


def test_without_ids_a_call_is_joined_by_its_input() -> None:
    asked = ask(client="gemini-cli", tool="run_shell_command", event="BeforeTool", call_id=None)
    ran = line(2, "post_tool", client="gemini-cli", tool="run_shell_command", event="AfterTool", call_id=None)
    assert found(asked, ran) == [("1", True)]
    let_pass = line(2, "pre_tool", client="gemini-cli", tool="run_shell_command", event="BeforeTool", call_id=None)
    assert found(asked, let_pass, ran) == [("1", False)]


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"answered": "deny"}, False),
        ({"answered": "deny", "exit_status": 2}, False),
        ({"answered": None}, True),
        ({"answered": None, "exit_status": 2}, False),
        ({"answered": None, "call_id": None}, False),
        ({"verdict": "allow", "would": "ask", "answered": None}, False),
        ({"verdict": "deny", "answered": None}, False),
    ],
    ids=[
        "an ask that became a denial",
        "the same of Codex",
        "an older record",
        "an older denial",
        "an older record without an id",
        "observed",
        "a denial",
    ],
)
def test_only_what_a_person_was_asked_counts(fields: dict[str, Any], counts: bool) -> None:
    ran = line(2, "post_tool", call_id=fields.get("call_id", "t1"))
    assert found(ask(**fields), ran) == ([("1", True)] if counts else [])


@pytest.mark.parametrize(
    ("taken", "counts"),
    [
        ({"verdict": "allow"}, True),
        ({"verdict": "ask", "answered": "deny", "call": "d"}, False),
        ({"verdict": "allow", "permit": None}, False),
    ],
    ids=["permitted once", "a permit that did not suffice", "let through by another policy"],
)
def test_what_was_permitted_once_and_then_ran_was_approved(taken: dict[str, Any], counts: bool) -> None:
    asked = ask(1, client="codex-cli", answered="deny", call="d")
    given = json.dumps(
        {"v": 1, "seq": 2, "at": AT.format(2), "kind": "permit", "fields": {"permit": {"call": "d"}}}
    ).encode()
    again = line(3, "pre_tool", **({"client": "codex-cli", "call_id": "t2", "permit": {"call": "d"}} | taken))
    ran = line(4, "post_tool", client="codex-cli", call_id="t2")
    without = [line for line in (asked, given, again, ran) if line is not given or taken.get("permit", 1)]
    assert (("1", True) in found(*without)) == counts


def test_an_approval_before_anybody_can_have_read_the_question_is_blind() -> None:
    ran = line(1, "post_tool")
    (outcome,) = outcomes([ask(1), ran], "/home/u", BLIND_MS)
    assert (outcome.ran, outcome.is_blind) == (True, True)
    assert not next(outcomes([ask(1), ran], "/home/u", 0)).is_blind
    assert not next(outcomes([ask(1), line(2, "post_tool")], "/home/u", BLIND_MS)).is_blind


def test_older_records_and_lines_that_are_none_are_passed_over() -> None:
    lines = (
        b"nonsense\n",
        b'{"kind": 1}',
        ask(1),
        line(2, "post_tool"),
        ask(3, call_id="t3"),
        line(4, "post_tool", call_id="t3"),
    )
    assert found(*lines, since=AT.format(3)) == [("3", True)]


def test_what_is_held_is_bounded() -> None:
    lines = [ask(number, call_id=f"t{number}") for number in range(1, MOST_HELD + 2)]
    assert len(found(*lines)) == MOST_HELD + 1
    assert found(*lines, line(MOST_HELD + 2, "post_tool", call_id="t1"))[0] == ("1", False)
    assert found(*lines, line(MOST_HELD + 2, "post_tool", call_id="t2"))[1] == ("2", True)


def test_what_the_record_does_not_hold_whole_teaches_nothing() -> None:
    assert found(ask(1, "frob [CUT:99]"), line(2, "post_tool", "frob [CUT:99]")) == []


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"verdict": "allow", "would": "ask"}, True),
        ({"verdict": "allow", "would": "deny"}, False),
        ({"verdict": "allow", "would": "allow"}, False),
        ({"verdict": "ask", "would": "ask"}, False),
        ({"verdict": "allow", "would": "ask", "permit": {"code": "A"}}, False),
        ({"verdict": "allow", "would": "ask", "nap": True}, False),
    ],
    ids=["a question", "a denial", "no objection", "one that was put", "a permit", "a nap"],
)
def test_what_was_only_observed_is_found_by_itself(fields: dict[str, Any], counts: bool) -> None:
    lines = (ask(**({"answered": None} | fields)), line(2, "post_tool"))
    told = [(one.case.name, one.ran) for one in outcomes(lines, "/home/u", 0, read=observed_event)]
    assert told == ([("1", True)] if counts else [])
