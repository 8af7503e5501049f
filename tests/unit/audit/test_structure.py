from security_hooks.audit.structure import structure
from security_hooks.model.record import Json


def test_the_figures_of_an_alarm_stay_and_its_text_does_not() -> None:
    fields: dict[str, Json] = {
        "anomaly": "deny-rate",
        "severity": "high",
        "tool": "Bash",
        "observed": 12,
        "alarm": "x y",
    }
    assert structure(fields) == fields | {"alarm": {"characters": 3}}


def test_exact_structure_of_a_decision() -> None:
    assert structure(
        {
            "client": "claude-code",
            "peer_pid": 42,
            "verdict": "deny",
            "would": "deny",
            "basis": "rule",
            "explicit": False,
            "exit_status": 2,
            "generation": 3,
            "policy": "ab12",
            "elapsed_us": 140,
            "event": "PreToolUse",
            "kind_of_event": "pre_tool",
            "session": "3f2a7c1e-8f62-4c6e-9a35-2f1e8d0b7a11",
            "cwd": "/home/dev/secret plans",
            "permission_mode": None,
            "prompt": "write a poem",
            "tool": "Bash",
            "tool_kind": "shell",
            "script": "rm -rf build",
            "input": {"/a": "text", "/b": "text"},
            "project": "/home/dev/x",
            "programs": ["rm", "./my tool", "?"],
            "findings": [
                {
                    "rule": "destructive-rm",
                    "tier": "block",
                    "certain": True,
                    "verdict": "deny",
                    "severity": "high",
                    "evidence": "rm -rf build",
                    "nudge": "use trash",
                    "file": "fs.rules",
                    "line": 7,
                }
            ],
            "failure": {"reason": "internal", "detail": "Traceback ..."},
        }
    ) == {
        "client": "claude-code",
        "peer_pid": 42,
        "verdict": "deny",
        "would": "deny",
        "basis": "rule",
        "explicit": False,
        "exit_status": 2,
        "generation": 3,
        "policy": "ab12",
        "elapsed_us": 140,
        "event": "PreToolUse",
        "kind_of_event": "pre_tool",
        "session": "3f2a7c1e-8f62-4c6e-9a35-2f1e8d0b7a11",
        "cwd": {"characters": 22},
        "permission_mode": None,
        "prompt": {"characters": 12},
        "tool": "Bash",
        "tool_kind": "shell",
        "script": {"characters": 12},
        "input": {"entries": 2},
        "project": {"characters": 11},
        "programs": ["rm", {"characters": 9}, {"characters": 1}],
        "findings": [
            {
                "rule": "destructive-rm",
                "tier": "block",
                "certain": True,
                "verdict": "deny",
                "severity": "high",
                "evidence": {"characters": 12},
                "nudge": {"characters": 9},
                "file": "fs.rules",
                "line": 7,
            }
        ],
        "failure": {"reason": "internal", "detail": {"characters": 13}},
    }


def test_names_that_are_not_listed_lose_their_text() -> None:
    assert structure({"later": "text", "more": ["text"], "most": {"text": "text"}, "number": 1}) == {
        "later": {"characters": 4},
        "more": {"entries": 1},
        "most": {"entries": 1},
        "number": 1,
    }


def test_listed_names_keep_nothing_that_is_no_name() -> None:
    assert structure(
        {"tool": "a sentence", "session": "x" * 101, "rule": "né", "tags": ["a", {"b": "c"}, ["d e"]]}
    ) == {
        "tool": {"characters": 10},
        "session": {"characters": 101},
        "rule": {"characters": 2},
        "tags": ["a", {"entries": 1}, [{"characters": 3}]],
    }
