"""An ordinary day (`day/`) as the work of one session, one call after the other: no shipped budget is spent."""

from msgspec.structs import replace
from tests.golden.test_day import CALLS, CWD, HOME
from tests.shipped import shipped_snapshot

from security_hooks.clients import client_named
from security_hooks.model.event import Place
from security_hooks.model.spending import BUDGET_RULES, NOTHING, Level
from security_hooks.service.budgets import Budgets
from security_hooks.service.exchange import Exchange
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.peer import Peer
from security_hooks.service.summary import summary_of


def test_a_day_of_one_session_within_an_hour_exceeds_no_shipped_budget() -> None:
    snapshot = shipped_snapshot()
    assert {budget.level for budget in snapshot.config.budgets.budgets} == {Level.SESSION}
    offline = Offline(snapshot, fictitious_project)
    # All of it at once: nothing decays.
    budgets = Budgets(lambda _: False, lambda: 0.0)
    interrupted, spending = [], 0
    for call in CALLS:
        client = client_named(call.client)
        assert client is not None
        event = replace(call.event(), client="claude-code", session_id="day")
        judgement = offline.event(event, HOME)
        exchange = Exchange(Peer(1, 2), client=client, event=event, place=Place(CWD, HOME, CWD))
        exchange.summary, exchange.snapshot = summary_of(judgement.call), snapshot
        decision = budgets.restrict(exchange, judgement.decision)
        interrupted += [finding.rule for finding in decision.findings if finding.rule in BUDGET_RULES.values()]
        budgets.saw(exchange, decision)
        spending += exchange.summary is not None and exchange.summary.spending != NOTHING
    assert not interrupted
    assert spending > 250
