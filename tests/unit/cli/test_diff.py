import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from security_hooks.cli.main import main
from security_hooks.service.directories import shipped_dir

NO_CAT = 'block "no-cat"\n  match command("cat")\n  nudge "no"\n'
CALL = {
    "session_id": "s",
    "cwd": "/home/user/project",
    "hook_event_name": "PreToolUse",
    "tool_name": "Bash",
    "tool_input": {"command": "cat README.md"},
}
LINES = [
    {"id": "first", "command": "cat README.md", "cwd": "/home/user/project", "home": "/home/user"},
    {"payload": CALL},
    {"id": 3, "command": "git status"},
    {"id": 4, "payload": CALL | {"hook_event_name": "PostToolUse", "tool_response": {}}},
]
CASES = "# no-cat\n```cases\nallow cat README.md\nallow ls\n```\n"


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    proposed = tmp_path / "proposed"
    shutil.copytree(shipped_dir() / "rules", proposed)
    (proposed / "own.rules").write_text(NO_CAT)
    return [
        *("--config-dir", str(tmp_path / "config"), "--state-dir", str(tmp_path / "state"), "--rules", str(proposed))
    ]


def corpus(tmp_path: Path) -> str:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, LINES)) + "\n\nbroken\n")
    return str(file)


def test_calls_judged_differently_are_told(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *places, "--corpus", corpus(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "allow -> deny   case first  looking -> no-cat  Bash: cat README.md",
        "allow -> deny   case 2  looking -> no-cat  Bash: cat README.md",
        "3 cases judged: 1 unchanged, 2 changed",
        "        2  allow -> deny",
        "interrupted by  asked before  after  denied before  after",
        "any rule        0             0      0              2",
        "no-cat          0             0      0              2",
        "2 cases not judged",
        "        1  no tool call that rules judge (prompts, results, sessions)",
        "        1  no case that can be read",
    ]


def test_markdown_cases_are_taken_and_json_is_lines(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases.md").write_text(CASES)
    assert main(["diff", *places, "--corpus", str(tmp_path / "cases.md"), "--json"]) == 1
    change, totals = map(json.loads, capsys.readouterr().out.splitlines())
    assert (change["case"], change["after"]["rules"]) == ("3", ["no-cat"])
    assert totals["judged"] == 2


def test_a_policy_does_not_differ_from_itself(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *places, "--base", places[-1], "--corpus", corpus(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("3 cases judged: 3 unchanged, 0 changed")


def test_cases_may_be_piped_in(
    places: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(LINES[0]).encode())))
    assert main(["diff", *places, "--corpus", "-"]) == 1
    assert capsys.readouterr().out.startswith("allow -> deny   case first")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--corpus", "/nowhere/x"], 64, "cannot read /nowhere/x"),
        (["--log"], 64, "there is no audit log"),
        ([], 64, "there is no audit log"),
        (["--corpus", "-", "--since", "7d"], 64, "--since is for the log"),
        (["--base", "/nowhere"], 64, "/nowhere is no directory"),
        (["--base", "BROKEN"], 65, "broken.rules"),
        (["--corpus", "BAD.md"], 65, "the line is no case"),
    ],
)
def test_errors_have_their_status_and_no_traceback(
    words: list[str], status: int, says: str, places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/broken.rules").write_text("block broken\n")
    (tmp_path / "bad.md").write_text("# r\n```cases\nnonsense\n```\n")
    given = {"BROKEN": str(tmp_path / "b"), "BAD.md": str(tmp_path / "bad.md")}
    assert main(["diff", *places, *(given.get(word, word) for word in words)]) == status
    assert says in capsys.readouterr().err
