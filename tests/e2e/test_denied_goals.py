"""What was denied, by another route: the real daemon, the real shim, a restart, and a person who permits it."""

from typing import Any

import pytest
from tests.e2e.test_asks import waiting
from tests.fakes.terminal import ours_at_terminal

pytestmark = pytest.mark.slow
RULES = """
block "no-recursive-rm"
  match command("rm") with_flags("-r")
  nudge "Move it to a temp directory"
"""


@pytest.fixture
def refusing(unstarted: Any) -> Any:
    """A daemon that denies recursive `rm`."""
    (unstarted.config / "rules").mkdir(parents=True)
    (unstarted.config / "rules/mine.rules").write_text(RULES)
    return unstarted.start()


@pytest.mark.parametrize("client", ["claude-code", "codex-cli", "gemini-cli"])
def test_another_route_is_denied_also_after_a_restart_until_a_person_permits_it(refusing: Any, client: str) -> None:
    assert refusing.call("find src -delete", client=client).verdict == "allow"
    assert refusing.call("rm -r src", client=client).verdict == "deny"
    denied = refusing.call("find src -delete", client=client)
    assert denied.verdict == "deny"
    assert "no-recursive-rm denied just now" in denied.stdout + denied.stderr
    assert refusing.call("mv src /tmp/kept", client=client).verdict == "allow"

    refusing.stop()
    refusing.start()
    assert refusing.call("find src -delete", client=client).verdict == "deny"

    (ask,) = waiting(refusing)
    assert ask["rules"] == ["denied-goal"]
    status, said = ours_at_terminal(refusing, "allow-once", ask["code"])
    assert status == 0, said
    assert refusing.call("find src -delete", client=client).verdict == "allow"
    assert refusing.call("unlink src/a", client=client).verdict == "allow"
    assert refusing.call("rm -r src", client=client).verdict == "deny"
