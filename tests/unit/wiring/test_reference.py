import sys
from io import StringIO
from pathlib import Path

import pytest

from security_hooks.wiring.limits import LIMITS, limits_of
from security_hooks.wiring.reference import reference, written
from security_hooks.wiring.table import CLIENTS, Scope

PAGE = (Path(__file__).parents[3] / "docs/clients.md").read_text()


def test_the_page_shows_the_tables_as_they_are() -> None:
    assert written(PAGE) == PAGE, "run .ci/reference"


def test_every_event_and_every_limit_is_on_the_page() -> None:
    text = reference()
    assert all(f"`{row.event}`" in text for client in CLIENTS for row in client.events)
    assert all(limit.what in text and limit.advice in text for limit in LIMITS)


@pytest.mark.parametrize("client", [client.name for client in CLIENTS])
def test_managed_settings_close_more_than_a_persons(client: str) -> None:
    assert set(limits_of(client, Scope.MANAGED)) < set(limits_of(client, Scope.USER))


def test_the_module_writes_the_page_again(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    sys.stdout.write(written(PAGE.replace("`BeforeTool`", "`Something`", 1)))
    assert out.getvalue() == PAGE
