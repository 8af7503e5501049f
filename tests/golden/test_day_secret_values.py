"""The ordinary day once more, with a memory that was shown a `.env` and all that the day's calls say, as output."""

import pytest
from msgspec.structs import replace
from tests.golden.test_day import CALLS, HOME
from tests.shipped import shipped_snapshot

from security_hooks.clients import client_named
from security_hooks.memory.secret_candidates import candidates
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, Output
from security_hooks.service.exchange import Exchange
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.peer import Peer
from security_hooks.service.secret_values import RememberedSecrets
from security_hooks.service.summary import summary_of

# Never written whole, so that no scanner takes this file for a leak.
ENV = (
    "NODE_ENV=development\nPORT=3000\nDATABASE_URL=postgres://app:Zq81hhXo19aLLm@localhost:5432/app\n"
    "API_TOKEN=q7Rk2mXw9ZtL4vBn8HsJ5dGcP3\nGITHUB_TOKEN=gh" + "p_aB3dE6gH9jK2mN5pQ8sT1vW4xY7zC0bF1234\n"
)


def _event(client: str, payload: bytes) -> HookEvent:
    known = client_named(client)
    assert known is not None
    return known.decode(payload)


@pytest.fixture(scope="module")
def interrupted() -> dict[str, Decision]:
    snapshot = shipped_snapshot()
    offline = Offline(snapshot, fictitious_project)
    secrets = RememberedSecrets(b"k" * 32)
    events = {call.place: _event(call.client, call.payload()) for call in CALLS}
    for event in events.values():
        assert event.tool is not None
        texts = (ENV, event.tool.script or "\n".join(string.value for string in event.tool.strings))
        shown = replace(event, kind=EventKind.POST_TOOL, output=Output(texts))
        secrets.see(Exchange(Peer(1000, 7), event=shown, snapshot=snapshot))
    found = {}
    for place, event in events.items():
        judgement = offline.event(event, HOME)
        allowed = replace(judgement.decision, verdict=Verdict.ALLOW, would=Verdict.ALLOW, findings=())
        exchange = Exchange(Peer(1000, 7), event=event, snapshot=snapshot, summary=summary_of(judgement.call))
        decision = secrets.restrict(exchange, allowed)
        if decision.verdict is not Verdict.ALLOW:
            found[place] = decision
    assert secrets.report()["values"]
    return found


def test_no_call_of_the_day_is_interrupted(interrupted: dict[str, Decision]) -> None:
    assert interrupted == {}


def test_little_of_the_day_looks_like_a_secret() -> None:
    texts = [call.payload().decode() for call in CALLS]
    found = {candidate.value for text in texts for candidate in candidates(text)}
    assert len(found) * 200 <= len(texts), found
