import pytest

from security_hooks.model.spending import Budget, Level, Rate, Resource
from security_hooks.policy.config_budgets import BUDGET_ROWS, budgets_of, rate_of, stricter_rate
from security_hooks.policy.config_rows import Text
from security_hooks.policy.config_schema import is_for_projects


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("500 per 1h", Rate(500, 3600)),
        ("64M per 1d", Rate(64 << 20, 86_400)),
        ("1k per 90s", Rate(1024, 90)),
        ("1 per 1s", Rate(1, 1)),
        ("0 per 1h", None),
        ("500", None),
        ("500 per 2d", None),
        ("500 per hour", None),
        ("-1 per 1h", None),
        ("5 per 0s", None),
        ("5 per 1h ", None),
        ("", None),
    ],
)
def test_rates_as_they_are_written(text: str, rate: Rate | None) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize(
    ("base", "wanted", "after"),
    [
        ("", "5 per 1h", "5 per 1h"),
        ("5 per 1h", "", "5 per 1h"),
        ("", "", ""),
        ("5 per 1h", "4 per 1h", "4 per 1h"),
        ("5 per 1h", "6 per 1h", "5 per 1h"),
        ("5 per 1h", "5 per 2h", "5 per 2h"),
        ("5 per 1h", "5 per 30m", "5 per 1h"),
        ("6 per 1h", "3 per 30m", "3 per 30m"),
        ("6 per 1h", "3 per 25m", "6 per 1h"),
    ],
)
def test_only_what_surely_lets_no_more_through_is_stricter(base: str, wanted: str, after: str) -> None:
    assert stricter_rate(base, wanted) == after


def test_there_is_a_key_for_each_resource_at_each_level_and_projects_may_tighten_them() -> None:
    texts = [row for row in BUDGET_ROWS if isinstance(row, Text)]
    assert len(texts) == len(Level) * len(Resource)
    assert all(is_for_projects(row) for row in BUDGET_ROWS)


def test_what_is_empty_is_no_budget() -> None:
    words = {row.path: "" for row in BUDGET_ROWS} | {("budgets", "agent", "hosts"): "3 per 1m"}
    assert budgets_of(words) == (Budget(Level.AGENT, Resource.HOSTS, Rate(3, 60)),)
