import pytest

from security_hooks.policy.config_rows import Key, Value
from security_hooks.policy.config_schema import row_of
from security_hooks.policy.config_tighten import tighten


@pytest.mark.parametrize(
    ("key", "base", "wanted", "expected"),
    [
        (("mode",), "observe", "enforce", "enforce"),
        (("mode",), "enforce", "observe", "enforce"),
        (("verdict", "default"), "silent", "approve", "silent"),
        (("verdict", "default"), "silent", "ask", "ask"),
        (("limits", "script_nodes"), 2000, 1500, 1500),
        (("limits", "script_nodes"), 2000, 2500, 2000),
        (("limits", "tool_calls_per_minute"), 0, 30, 30),
        (("limits", "tool_calls_per_minute"), 30, 0, 30),
        (("limits", "tool_calls_per_minute"), 30, 20, 20),
        (("limits", "tool_calls_per_minute"), 30, 40, 30),
        (("verdict", "asks_per_hour"), 0, 0, 0),
        (("audit", "keep_days"), 90, 30, 90),
        (("audit", "keep_days"), 90, 400, 400),
        (("audit", "keep_days"), 90, 0, 0),
        (("audit", "keep_days"), 0, 90, 0),
        (("limits", "concurrent"), 64, 8, 64),
        (("audit", "content"), "full", "structure", "full"),
        (("executables", "allowed"), ("a", "b"), ("c", "b"), ("b",)),
        (("paths", "sensitive"), ("a", "b"), ("c",), ("a", "b", "c")),
        (("rules", "disabled"), ("a",), (), ()),
        (("lists", "own"), ("a",), (), ("a",)),
        (("scope", "paths"), (), ("src",), ("src",)),
        (("scope", "paths"), (".",), ("src", "/x"), ("src",)),
        (("scope", "paths"), (".", "!a"), (), (".", "!a")),
        (("scope", "hosts"), ("*.example",), ("a.example", "b.test"), ("a.example",)),
        (("scope", "outside"), "deny", "ask", "deny"),
        (("scope", "outside"), "ask", "deny", "deny"),
        (("scope", "reads"), "anywhere", "scope", "scope"),
        (("budgets", "exceeded"), "deny", "ask", "deny"),
        (("budgets", "session", "hosts"), "20 per 1h", "", "20 per 1h"),
        (("budgets", "session", "hosts"), "20 per 1h", "10 per 1h", "10 per 1h"),
        (("budgets", "machine", "hosts"), "", "10 per 1h", "10 per 1h"),
    ],
)
def test_tighten_takes_only_the_stricter_part(key: Key, base: Value, wanted: Value, expected: Value) -> None:
    row = row_of(key)
    assert row is not None
    assert tighten(row, base, wanted) == expected
