import pytest

from security_hooks.dsl.durations import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("90s", 90), ("10m", 600), ("2h", 7_200), ("1d", 86_400), ("24h", 86_400)]
    + [(text, None) for text in ("", "10", "m", "0s", "25h", "2d", "1w", "-1m", "1.5h", "10 m", "1000000s")],
)
def test_lengths_of_time(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds
