"""The reference page is what the schema says."""

from pathlib import Path

from security_hooks.policy.config_layers import fold_layers
from security_hooks.policy.config_reference import reference
from security_hooks.policy.config_schema import ROWS
from security_hooks.policy.config_types import Layer

ROOT = Path(__file__).parents[3]


def test_documented_reference_is_not_stale() -> None:
    effective, _ = fold_layers([Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())])
    page = (ROOT / "docs/configuration.md").read_text()
    assert page.endswith(f"-->\n\n{reference(effective.values)}\n"), "run `security-hooks config reference`"


def test_reference_has_every_key() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    for row in ROWS:
        assert f"### `{'.'.join(row.path)}`" in page
