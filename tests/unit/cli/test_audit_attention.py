import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.logs.asks import CODEX, GEMINI, AskLog, afternoon

from security_hooks.cli.command import Exit
from security_hooks.cli.main import main

PAGE = Path(__file__).parents[3] / "docs/asks.md"
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The report of `audit stats` on a log."""

    def call(log: AskLog, *words: str) -> str:
        if not (tmp_path / "audit").exists():
            log.write(tmp_path / "audit")
        assert main(["audit", "stats", *words, "--state-dir", str(tmp_path)]) == Exit.OK
        return capsys.readouterr().out

    return call


def hurried() -> AskLog:
    """Six asks approved in half a second each, one after some reading, one rejected; others' clients besides."""
    log = AskLog()
    for number in range(6):
        log.ask(60 * number, call=f"q{number}", rules=("push",) if number % 2 else ("push", "frob"))
        log.ran(60 * number + 1, call=f"q{number}", took=500)
    log.ask(400, call="slow")
    log.ran(420, call="slow", took=1_000)
    log.ask(500, client=GEMINI)
    log.ran(530, client=GEMINI)
    log.permit(4_000, log.ask(3_900, client=CODEX))
    log.ask(4_100, call="no")
    log.prompt(4_200)
    log.ask(4_300, call="gone")
    return log


def section(out: str, title: str) -> list[list[str]]:
    _, _, rest = out.partition(f"\n{title}")
    return [line.split() for line in rest.split("\n\n")[0].splitlines()[1:]]


def test_the_report_has_what_became_of_asks(run: Run) -> None:
    out = run(hurried())
    assert section(out, "what became of asks") == [
        ["5.5", "per", "hour,", "8", "(2026-11-21", "12:00)", "in", "the", "busiest"],
        ["approved", "8", "72.7", "%"],
        ["permitted", "1", "9.1", "%"],
        ["rejected", "1", "9.1", "%"],
        ["unanswered", "1", "9.1", "%"],
    ]
    assert section(out, "time to answer") == [
        ["answers", "fastest", "median", "p90"],
        ["exactly", "8", "0.5", "s", "0.5", "s", "100", "s"],
        ["at", "most", "1", "30", "s", "30", "s", "30", "s"],
    ]


def test_the_report_has_approvals_that_nobody_can_have_read(run: Run) -> None:
    out = run(hurried())
    blind = "\n".join(map(" ".join, section(out, "blind: approved in less than 2 s")))
    assert blind == (
        "6 of 8 approvals; 5 or more in a row: once\n"
        "longest: 6 in a row, 2026-11-21 12:00 to 2026-11-21 12:05: push 6, frob 3"
    )
    assert "6 of 8 approvals" not in run(hurried(), "--blind", "0.5")
    assert "8 of 8 approvals" in run(hurried(), "--blind", "60")
    assert "blind:" not in run(hurried(), "--blind", "0")


def test_a_streak_that_goes_on_is_told(run: Run) -> None:
    log = AskLog()
    for number in range(5):
        log.ask(number, call=str(number), rules=tuple(f"rule-{letter}" for letter in "abcde"))
        log.ran(number, call=str(number))
    out = run(log)
    assert "not ended yet: 5 in a row" in out
    assert "rule-a 5, rule-b 5, rule-c 5, rule-d 5, ...\n" in out


def test_the_report_has_asks_by_rule(run: Run) -> None:
    assert section(run(hurried()), "asks by rule") == [
        [
            "rule",
            "asks",
            "per",
            "hour",
            "busiest",
            "hour",
            *["approved", "permitted", "rejected", "unanswered", "blind", "median"],
        ],
        ["frob", "8", "4.0", "5", "(2026-11-21", "12:00)", "5", "1", "1", "1", "3", "0.5", "s"],
        ["push", "6", "3.0", "6", "(2026-11-21", "12:00)", "6", "0", "0", "0", "6", "0.5", "s"],
    ]


def test_of_a_client_that_tells_no_times_only_the_longest_is_known(run: Run) -> None:
    log = AskLog()
    log.ask(0, client=GEMINI)
    log.ran(30, client=GEMINI)
    log.ask(40, client=GEMINI, rules=("other",))
    out = run(log)
    assert section(out, "asks by rule")[1][-4:] == ["at", "most", "30", "s"]
    assert section(out, "asks by rule")[2][-2:] == ["0", "-"]


def test_a_clock_that_was_put_back_is_told(run: Run) -> None:
    log = AskLog()
    log.ask(0)
    log.ran(-5)
    assert "not known of 1, given while the clock was put back" in run(log)


def test_without_asks_nothing_is_said_of_them(run: Run) -> None:
    log = AskLog()
    log.passes(0)
    out = run(log)
    assert not any(word in out for word in ("asks by rule", "time to answer", "blind", "became"))


def test_the_figures_are_there_as_json(run: Run) -> None:
    told = json.loads(run(hurried(), "--json"))["attention"]
    assert (told["asks"], told["approved"], told["blind"], told["streaks"]) == (11, 8, 6, 1)
    assert told["exact"] == {"answers": 8, "fastest_ms": 500, "median_ms": 500, "p90_ms": 100_000}
    assert told["at_most"] == {"answers": 1, "fastest_ms": 30_000, "median_ms": 30_000, "p90_ms": 30_000}
    assert told["longest_streak"]["asks"] == 6
    assert told["current_streak"] is None
    assert told["rules"][0]["busiest"] == {"start": "2026-11-21T12:00:00Z", "asks": 5}


def test_a_time_beyond_a_minute_is_a_mistake(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "stats", "--blind", "61", "--state-dir", str(tmp_path)])
    assert ended.value.code == Exit.USAGE


def test_the_example_of_the_page_is_what_is_printed(run: Run) -> None:
    out = run(afternoon())
    start, end = out.index("what became of asks"), out.index("\n\nhow calls ended")
    assert f"\n```\n{out[start:end]}\n```\n" in PAGE.read_text()
