import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli import learn
from security_hooks.cli.main import main
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
RULES = """
suspicious "unknown-executable"
  match base_command_not_in(allowed_executables)
block "deletion"
  match deletes_recursively("/")
suspicious "tags"
  match command("git") subcommand("tag")
  nudge "ask first"
suspicious "worst-tags"
  match command("git") subcommand("tag") with_flags("-d")
  severity critical
  nudge "ask first"
"""
PLAIN = """# mine
[executables]
append = ["deno"]  # kept
"""


class Home:
    """A person's configuration and log."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.config = place / "config"
        self.rules = self.config / "rules"
        self.shipped = place / "shipped"
        self.records: list[AuditRecord] = []

    def asked(
        self, command: str, times: int = 3, *, ran: bool = True, verdict: str = "ask", after: int = 5, **more: Json
    ) -> None:
        """A command that is asked about so many times, and that runs so many seconds later."""
        for _ in range(times):
            number = len(self.records)
            fields: dict[str, Json] = {
                "client": "claude-code",
                "session": "s",
                "cwd": "/home/u/p",
                "home": "/home/u",
                "project": "/home/u/p",
                "event": "PreToolUse",
                "kind_of_event": "pre_tool",
                "tool": "Bash",
                "tool_kind": "shell",
                "call_id": f"t{number}",
                "script": command,
                "verdict": verdict,
                "basis": "rule",
                "policy": "d",
                "exit_status": 0,
                "answered": "ask",
                **more,
            }
            self.records.append(AuditRecord(RecordKind.DECISION, NOON + number, fields))
            if ran:
                result = fields | {"kind_of_event": "post_tool", "verdict": "allow"}
                self.records.append(AuditRecord(RecordKind.DECISION, NOON + number + after * SECOND, result))

    def write(self) -> None:
        settings = WriterSettings(reserve_bytes=65_536)
        writer = AuditWriter(self.place / "state/audit", settings, clock=lambda: NOON)
        for record in self.records:
            writer.append(record)
        writer.close()
        self.records.clear()

    def learn(self, *words: str) -> int:
        if self.records:
            self.write()
        return main(["learn", "--since", "2026-01-01", *self.places, *words])

    @property
    def places(self) -> list[str]:
        config, state = ["--config-dir", str(self.config)], ["--state-dir", str(self.place / "state")]
        return [*config, *state, "--rules", str(self.shipped)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(learn, "require_person", lambda _: None)
    made = Home(tmp_path)
    made.rules.mkdir(parents=True)
    made.shipped.mkdir()
    (made.shipped / "all.rules").write_text(RULES)
    return made


def proposals(home: Home, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert home.learn("--json", *words) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["proposals"]
    return found


def check(home: Home, capsys: pytest.CaptureFixture[str], command: str) -> str:
    capsys.readouterr()
    main(["check", *home.places, command])
    return capsys.readouterr().out.split()[0]


def test_a_program_that_nobody_knew_becomes_an_entry_of_the_list(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.asked("frobnicate --all", 2)
    home.asked("cd x && frobnicate y")
    home.asked("frobnicate z", ran=False)
    (found,) = proposals(home, capsys)
    assert (found["kind"], found["text"], found["rules"]) == (
        "executables.append",
        "frobnicate",
        ["unknown-executable"],
    )
    assert (found["approved"], found["asked"], found["would_change"]) == (5, 8, 8)
    assert found["projects"] == ["/home/u/p"]
    assert check(home, capsys, "frobnicate") == "ask"
    assert home.learn("--apply", "1") == 0
    assert check(home, capsys, "frobnicate") == "allow"
    text = (home.config / "config.toml").read_text()
    assert "# Learned on " in text
    assert "frobnicate was approved 5 times, 2026-11-" in text
    assert proposals(home, capsys) == []


def test_what_stands_in_the_configuration_stays(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.config / "config.toml").write_text(PLAIN)
    home.asked("frobnicate --all")
    assert home.learn("--apply", "1") == 0
    text = (home.config / "config.toml").read_text()
    assert text.startswith("# mine\n[executables]\n# Learned on ")
    assert "# kept" in text
    assert tomllib.loads(text) == {"executables": {"append": ["deno", "frobnicate"]}}


def test_a_known_program_becomes_an_exception_for_the_very_command(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.asked("git tag topic", 4)
    (found,) = proposals(home, capsys)
    assert (found["kind"], found["approved"], found["would_change"]) == ("except", 4, 4)
    assert "match ^git tag topic$" in found["text"]
    assert 'example stop "git tag topic"' in found["text"]
    assert home.learn("--apply", "1") == 0
    assert (home.rules / "learned.rules").read_text() == found["text"]
    assert check(home, capsys, "git tag topic") == "allow"
    assert check(home, capsys, "git tag main") == "ask"
    assert check(home, capsys, "git tag topic; git tag main") == "ask"
    assert proposals(home, capsys) == []


def test_a_second_exception_goes_below_the_first(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.asked("git tag a")
    home.asked("git tag b")
    assert home.learn("--apply", "2") == 0
    assert home.learn("--apply", "1") == 0
    text = (home.rules / "learned.rules").read_text()
    assert text.index("git tag b") < text.index("git tag a")
    assert text.count("except ") == 2


@pytest.mark.parametrize(
    "command",
    [
        "echo x > .mcp.json",
        "CODEX_HOME=/tmp/x codex exec hello",
        "rm -rf /",
        "git tag -d x",
        "git tag $(cat x)",
        "sudo -u $WHO git tag x",
        'frobnicate "$X"',
        "frobnicate [REDACTED:github-token]",
        "frobnicate\necho",
        "ls",
    ],
)
def test_what_guards_what_is_denied_and_what_is_not_known_is_never_proposed(
    home: Home, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    home.asked("git status", 1)
    home.asked(command, 5)
    assert all(found["text"] == "frobnicate" for found in proposals(home, capsys))


def test_a_name_that_would_break_out_of_a_comment_is_not_written(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.asked("$'frob\\nexcept \"x\"' y", 5)
    for found in proposals(home, capsys):
        assert sum(line.startswith("except") for line in found["text"].splitlines()) <= 1


def test_what_was_seldom_approved_or_not_approved_is_not_proposed(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.asked("git tag a", 2)
    home.asked("git tag b", 5, ran=False)
    assert home.learn() == 0
    assert capsys.readouterr().out == "nothing to learn: no kind of call was approved 3 times\n"
    assert len(proposals(home, capsys, "--min", "2")) == 1


def test_approvals_that_nobody_can_have_read_teach_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.asked("git tag a", 5, after=1)
    home.asked("git tag b", 3)
    home.asked("git tag b", 2, after=1)
    (found,) = proposals(home, capsys)
    assert (found["commands"], found["approved"], found["blind"], found["asked"]) == (["git tag b"], 3, 2, 5)
    home.learn()
    out = capsys.readouterr().out
    assert "   2 more too quickly to count\n" in out
    assert "7 of 10 approvals were given in less than 2 s" in out
    assert home.learn("--apply", "2") == 64
    assert [(each["approved"], each["blind"]) for each in proposals(home, capsys, "--blind", "0")] == [(5, 0), (5, 0)]
    assert proposals(home, capsys, "--blind", "5.5") == []


def test_what_counts_is_told_as_json(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.asked("git tag a", 5, after=1)
    home.asked("git tag b", 1)
    assert home.learn("--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"proposals": [], "left_out": 0, "approved": 1, "blind": 5, "blind_ms": 2000}


def test_the_evidence_is_told(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.asked("git tag a", 3)
    home.asked("git tag a", 1, ran=False)
    assert home.learn() == 0
    out = capsys.readouterr().out
    assert out.startswith("1. approved 3 of 4 times, 2026-11-21 to 2026-11-21\n   asked by ")
    assert "in /home/u/p" in out
    assert "all of this kind" in out
    assert "--apply N" in out


@pytest.mark.parametrize("words", [["--apply", "7"], ["--apply", "0"], ["--apply", "x"], ["--min", "0"]])
def test_a_proposal_that_is_none_ends_in_64(home: Home, words: list[str]) -> None:
    home.asked("git tag a", 3)
    home.write()
    try:
        assert home.learn(*words) == 64
    except SystemExit as error:
        assert error.code == 64
    assert not (home.rules / "learned.rules").exists()


def test_only_a_person_writes(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(what: str) -> None:
        raise StartupError(f"{what} is for a person", 64)

    monkeypatch.setattr(learn, "require_person", refuse)
    home.asked("git tag a", 3)
    assert home.learn("--apply", "1") == 64
    assert "`security-hooks learn --apply` is for a person" in capsys.readouterr().err
    assert not (home.rules / "learned.rules").exists()
    assert home.learn() == 0


def test_without_a_log_it_ends_in_64_and_with_a_broken_policy_in_65(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home.learn() == 64
    (home.rules / "bad.rules").write_text("block\n")
    home.asked("ls")
    assert home.learn() == 65
    assert "bad.rules:1" in capsys.readouterr().err


OBSERVED: dict[str, Any] = {"verdict": "allow", "would": "ask", "answered": None}


def test_what_would_have_been_asked_about_is_learned_from_when_told_to_and_is_no_approval(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.config / "config.toml").write_text('mode = "observe"\n')
    home.asked("frobnicate --all", **OBSERVED)
    home.asked("git tag v1", **OBSERVED)
    assert home.learn() == 0
    out = capsys.readouterr().out
    assert "nothing to learn: no kind of call was approved 3 times" in out
    assert "see `security-hooks learn --observed`" in out
    assert home.learn("--observed") == 0
    out = capsys.readouterr().out
    assert "1. let run in observe mode 3 of 3 times" in out
    first, second = proposals(home, capsys, "--observed")
    assert (first["ground"], first["approved"], first["ran"], first["would_change"]) == ("observed", 0, 3, 3)
    assert (first["kind"], second["kind"]) == ("executables.append", "except")
    assert "learned from what ran in observe mode, where nobody was asked" in second["text"]
    assert home.learn("--observed", "--apply", "1") == 0
    assert "frobnicate was let run in observe mode 3 times" in (home.config / "config.toml").read_text()
    assert [found["kind"] for found in proposals(home, capsys, "--observed")] == ["except"]


def test_a_policy_that_only_observes_learns_from_approvals_of_before(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.config / "config.toml").write_text('mode = "observe"\n')
    home.asked("frobnicate --all")
    (found,) = proposals(home, capsys)
    assert (found["ground"], found["approved"]) == ("approved", 3)
