"""Budgets on the path of a call: who is stopped, by what, what they are told, and what ends it."""

from pathlib import Path

import msgspec
import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.spending import Budget, Level, Rate, Resource, Spending
from security_hooks.policy.built import Build
from security_hooks.policy.config import BudgetSettings, Config, Mode
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.budgets import Budgets
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Permits, is_permissible, permitted
from security_hooks.service.summary import Summary

ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
DENIED = Decision(Verdict.DENY, Basis.RULE, would=Verdict.DENY)
HOUR = Rate(3, 3_600)
DELETED = Resource.FILES_DELETED


class Play:
    """Calls of sessions, as the path of a call takes them; `clock` is set by hand."""

    def __init__(self, *budgets: Budget, mode: Mode = Mode.ENFORCE, denies: bool = False) -> None:
        self.clock = 0.0
        self.slow: set[str] = set()
        self.budgets = self.make()
        config = Config(mode=mode, budgets=BudgetSettings(budgets, denies))
        self.snapshot: Snapshot = assemble_at_once(Build("d", config, ()))

    def make(self) -> Budgets:
        return Budgets(lambda path: path in self.slow, lambda: self.clock)

    def exchange(self, spending: Spending, session: str = "s", family: str = "", agent: str | None = None) -> Exchange:
        event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", session, agent_id=agent)
        client = client_named("claude-code")
        return Exchange(
            Peer(1, 1),
            client=client,
            event=event,
            snapshot=self.snapshot,
            summary=Summary({}, spending=spending),
            family=family,
        )

    def call(
        self, spending: Spending, session: str = "s", family: str = "", agent: str | None = None, is_put: bool = True
    ) -> Decision:
        exchange = self.exchange(spending, session, family, agent)
        decision = self.budgets.restrict(exchange, ALLOWED)
        if decision.verdict is Verdict.ASK:
            exchange.answered = "ask" if is_put else "deny"
        self.budgets.saw(exchange, decision)
        return decision


def deleting(*names: str) -> Spending:
    return Spending(deleted=tuple(name.encode() for name in names))


def session(rate: Rate = HOUR, resource: Resource = DELETED) -> Budget:
    return Budget(Level.SESSION, resource, rate)


def test_what_is_within_passes_and_what_exceeds_is_a_question_that_says_all() -> None:
    play = Play(session())
    assert play.call(deleting("a", "b")) is ALLOWED
    play.clock = 600.0
    assert play.call(deleting("a", "b", "c")) is ALLOWED
    decision = play.call(deleting("c", "d", "e"), is_put=False)
    assert (decision.verdict, decision.basis) == (Verdict.ASK, Basis.RULE)
    finding = decision.findings[0]
    assert (finding.rule, finding.evidence) == ("budget-files-deleted", "[budgets.session] files_deleted")
    assert finding.nudge == (
        "This session has deleted 3 different files within 1 h, and this call would add 2: `[budgets.session] "
        "files_deleted` allows 3. In 62 min enough of that no longer counts for this call. Tell the person what is "
        "left to do: they can permit this call once, where `security-hooks asks` shows how, or raise the budget in the "
        "configuration"
    )


def test_a_call_that_alone_is_too_much_is_told_so() -> None:
    decision = Play(session()).call(deleting("a", "b", "c", "d"))
    assert "This call alone is more than that" in decision.findings[0].nudge


def test_what_was_denied_does_not_count_and_what_a_person_was_asked_does() -> None:
    play = Play(session())
    exchange = play.exchange(deleting("a", "b", "c"))
    assert play.budgets.restrict(exchange, DENIED) is DENIED
    play.budgets.saw(exchange, DENIED)
    assert play.call(deleting("d", "e")) is ALLOWED
    assert play.call(deleting("f", "g"), is_put=False).verdict is Verdict.ASK
    assert play.call(deleting("f")) is ALLOWED
    assert play.call(deleting("g"), is_put=True).verdict is Verdict.ASK
    assert "deleted 4" in play.call(deleting("h"), is_put=False).findings[0].nudge


def test_it_is_over_when_the_window_is() -> None:
    play = Play(session())
    play.call(deleting("a", "b", "c"))
    play.clock = 3_600.0
    assert play.call(deleting("d"), is_put=False).verdict is Verdict.ASK
    play.clock = 3_600.0 * 33 / 32
    assert play.call(deleting("d")) is ALLOWED


@pytest.mark.parametrize(
    ("resource", "one"),
    [
        (Resource.FILES_DELETED, Spending(deleted=(b"1",), unnamed=(3, 0, 0))),
        (Resource.FILES_WRITTEN, Spending(written=(b"1", b"2", b"3", b"4"))),
        (Resource.HOSTS, Spending(hosts=(b"1",), unnamed=(0, 0, 3))),
        (Resource.FORCE_PUSHES, Spending(pushes=4)),
        (Resource.BYTES_OUT, Spending(bytes=4)),
    ],
)
def test_each_resource_has_a_budget_of_its_own(resource: Resource, one: Spending) -> None:
    assert Play(session(resource=resource)).call(one).findings[0].rule.startswith("budget-")
    others = [session(resource=other) for other in Resource if other is not resource]
    assert Play(*others).call(one) is ALLOWED


def test_files_that_are_sent_have_the_size_that_the_disk_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 900)
    play = Play(session(Rate(1_000, 60), Resource.BYTES_OUT))
    sent = Spending(hosts=(b"h",), sent=(f"{tmp_path}/a", str(tmp_path), f"{tmp_path}/missing", "\0"), bytes=50)
    assert play.call(sent) is ALLOWED
    assert "sent 950 bytes or more" in play.call(sent, is_put=False).findings[0].nudge
    play.slow.add(f"{tmp_path}/a")
    assert play.call(sent) is ALLOWED


def test_agents_that_a_session_started_spend_what_it_has_and_sub_agents_their_own() -> None:
    play = Play(session(), Budget(Level.AGENT, DELETED, Rate(2, 3_600)))
    assert play.call(deleting("a", "b"), "outer", family="claude-code/outer") is ALLOWED
    stopped = play.call(deleting("c"), "outer", family="claude-code/outer", is_put=False)
    assert stopped.findings[0].evidence == "[budgets.agent] files_deleted"
    assert play.call(deleting("c"), "outer", "claude-code/outer", agent="sub") is ALLOWED
    stopped = play.call(deleting("d"), "inner", family="claude-code/outer", is_put=False)
    assert stopped.findings[0].evidence == "[budgets.session] files_deleted"
    assert play.call(deleting("d"), "other") is ALLOWED


def test_the_machine_s_budget_is_that_of_all_sessions() -> None:
    play = Play(Budget(Level.MACHINE, DELETED, HOUR))
    assert play.call(deleting("a", "b"), "one") is ALLOWED
    decision = play.call(deleting("c", "d"), "two", is_put=False)
    assert "All sessions of this machine together have deleted 2" in decision.findings[0].nudge


def test_each_budget_that_is_exceeded_is_told() -> None:
    play = Play(session(), session(resource=Resource.FORCE_PUSHES))
    decision = play.call(Spending(deleted=(b"1", b"2", b"3", b"4"), pushes=4))
    assert {finding.rule for finding in decision.findings} == {"budget-files-deleted", "budget-force-pushes"}


def test_where_it_only_observes_nothing_is_stopped_and_all_counts() -> None:
    play = Play(session(), mode=Mode.OBSERVE)
    for names in (("a", "b"), ("c", "d")):
        decision = play.call(deleting(*names))
    assert (decision.verdict, decision.would) == (Verdict.ALLOW, Verdict.ASK)
    assert "deleted 4" in play.call(deleting("e")).findings[0].nudge


@pytest.mark.parametrize("denies", [False, True])
def test_a_person_permits_one_call_and_what_was_spent_since_does_not_matter(denies: bool) -> None:
    play = Play(session(), denies=denies)
    play.call(deleting("a", "b"))
    decision = play.call(deleting("c", "d"), is_put=False)
    assert decision.verdict is (Verdict.DENY if denies else Verdict.ASK)
    assert is_permissible(decision)
    permits = Permits(lambda letters: letters[0])
    ask = permits.offer("call", "claude-code", None, "text", decision, 0.0)
    permits.permit(ask, 1, 0.0)
    permit = permits.take("call", 0.0)
    assert permit is not None
    play.call(deleting("a", "e"))
    again = play.budgets.restrict(play.exchange(deleting("c", "d")), ALLOWED)
    assert permitted(again, permit).verdict is Verdict.ALLOW


def test_what_another_rule_denies_is_no_business_of_a_budget() -> None:
    play = Play(session())
    finding = Finding("r", Tier.BLOCK, True, Verdict.DENY, "", "", None, "", 0, Severity.HIGH)
    denied = msgspec.structs.replace(DENIED, findings=(finding,))
    assert play.budgets.restrict(play.exchange(deleting("a", "b", "c", "d")), denied) is denied


def test_without_budgets_nothing_is_kept() -> None:
    play = Play()
    play.call(deleting("a"))
    assert len(play.budgets._ledger) == 0


def test_a_restart_gives_nothing_back() -> None:
    play = Play(session())
    play.clock = 50_000.0
    play.call(deleting("a", "b", "c"))
    data = list(play.budgets.dump(1_000))
    play.clock, play.budgets = 3.0, play.make()
    play.budgets.restore(data, 1_060)
    assert play.call(deleting("a", "c")) is ALLOWED
    assert play.call(deleting("d"), is_put=False).verdict is Verdict.ASK
    play.clock += 2 * 3_600
    assert play.call(deleting("d")) is ALLOWED
