from typing import Any

from security_hooks.service.transcript_examination import transcripts_of


def said(**changes: Any) -> list[tuple[str, str, str]]:
    told = {"watch": True, "alarms": [], "sessions": []} | changes
    return list(transcripts_of({"anomalies": {"blind_spots": told}}))


def session(unmeasured: str = "") -> dict[str, Any]:
    return {"client": "codex-cli", "session": "s", "seen": 4, "unmeasured": unmeasured}


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert said() == list(transcripts_of({})) == []


def test_what_ran_unseen_is_bad() -> None:
    alarm = {"at": "2026-01-01", "alarm": "Bash ran"}
    ((state, finding, mend),) = said(alarms=[alarm], sessions=[session()])
    assert (state, finding) == ("bad", "2026-01-01: Bash ran")
    assert mend.startswith("security-hooks doctor")


def test_a_session_that_is_not_measured_is_a_warning_and_no_all_clear() -> None:
    assert [(state, "of it" in finding) for state, finding, _ in said(sessions=[session("none of it")])] == [
        ("warning", True)
    ]


def test_where_all_was_judged_that_is_said() -> None:
    assert said(sessions=[session(), session()]) == [("well", "8 tool uses in 2 sessions, all of them judged", "")]


def test_not_looking_is_a_warning() -> None:
    assert [state for state, _, _ in said(watch=False)] == ["warning"]
