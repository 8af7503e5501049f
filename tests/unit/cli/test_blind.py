import argparse

import pytest

from security_hooks.cli.blind import add_blind, seconds
from security_hooks.insight.attention import BLIND_MS


def parsed(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_blind(parser)
    found: int = parser.parse_args(words).blind_ms
    return found


@pytest.mark.parametrize(
    ("words", "expected"),
    [((), BLIND_MS), (("--blind", "0"), 0), (("--blind", "1.5"), 1_500), (("--blind", "60"), 60_000)],
)
def test_the_time_is_given_in_seconds(words: tuple[str, ...], expected: int) -> None:
    assert parsed(*words) == expected


@pytest.mark.parametrize("word", ["-1", "60.1", "nan", "inf", "soon", ""])
def test_a_time_that_makes_no_sense_is_a_mistake(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(f"--blind={word}")
    assert "time of 0 to 60 seconds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "0 s"),
        (7, "0.007 s"),
        (340, "0.34 s"),
        (2_000, "2 s"),
        (12_000, "12 s"),
        (59_000, "59 s"),
        (100_000, "100 s"),
        (120_000, "2 min"),
        (7_100_000, "118 min"),
        (86_000_000, "24 h"),
    ],
)
def test_times_read_as_people_write_them(milliseconds: int, shown: str) -> None:
    assert seconds(milliseconds) == shown
