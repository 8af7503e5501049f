from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.event import Place
from security_hooks.model.failure import Failure, Reason
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.offline import shell_event
from security_hooks.service.recall import Case, Passed, Recalled, Said, Unfit
from security_hooks.service.replay import Interruptions, Judge, Totals, compare, recorded, said

ALLOW, DENY = Said(Verdict.ALLOW, (), "d"), Said(Verdict.DENY, ("r",), "d")
RULE = 'block "no-cat"\n  match command("cat")\n  nudge "no"\n'


def case(name: str, then: Said | None = None, root: str | None = None, command: str = "cat x") -> Case:
    return Case(name, shell_event(command, "/p"), Place("/p", "/home/u", "/p"), root, then)


def judge(tmp_path: Path, rules: str = RULE) -> Judge:
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules/a.rules").write_text(rules)
    nowhere = str(tmp_path / "nowhere")
    return Judge(PolicyDirectories(str(shipped_dir()), str(tmp_path / "rules"), nowhere, nowhere, nowhere))


def test_only_changed_verdicts_come_out_and_everything_is_counted() -> None:
    now = {"a": ALLOW, "b": DENY, "c": Said(Verdict.DENY, ("other",), "e"), "d": Said(Verdict.ALLOW, (), "e")}
    cases: list[Recalled] = [
        case("a", ALLOW),
        Passed("x", Unfit.CUT),
        case("b", ALLOW),
        case("c", DENY),
        case("d", DENY),
        Passed("y", Unfit.CUT),
    ]
    totals = Totals()
    changes = list(compare(cases, recorded, lambda one: now[one.name], totals))
    assert [(change.case.name, change.before, change.after) for change in changes] == [
        ("b", ALLOW, DENY),
        ("d", DENY, now["d"]),
    ]
    assert (totals.judged, totals.reworded, totals.same_policy) == (4, 1, 1)
    assert totals.changes == {(Verdict.ALLOW, Verdict.DENY): 1, (Verdict.DENY, Verdict.ALLOW): 1}
    assert totals.passed == {Unfit.CUT: 2}
    assert (totals.before.all, totals.after.all) == ((0, 2), (0, 2))
    assert [totals.after.of(rule) for rule in (*DENY.rules, "other")] == [(0, 1), (0, 1)]


def test_a_rule_counts_once_for_each_call_and_the_default_has_no_name() -> None:
    found = Interruptions()
    for one in (ALLOW, Said(Verdict.ASK, ("a", "b", "a")), Said(Verdict.ASK, ()), Said(Verdict.DENY, ("a",))):
        found.count(one)
    assert (found.all, found.of("a"), found.of("b"), found.of("")) == ((2, 1), (1, 1), (1, 0), (1, 0))


def test_one_call_at_a_time_is_taken_and_none_is_kept() -> None:
    taken = 0

    def endless() -> Iterator[Case]:
        nonlocal taken
        while True:
            taken += 1
            yield case(str(taken), ALLOW)

    changes = compare(endless(), recorded, lambda _: DENY, Totals())
    for number in range(1, 5):
        assert next(changes).case.name == str(number)
        assert taken == number


def test_a_case_that_is_no_record_has_no_recorded_answer() -> None:
    with pytest.raises(ValueError, match="seven"):
        recorded(case("seven"))


def test_a_failure_is_an_answer_with_its_reason() -> None:
    failure = Decision(Verdict.DENY, Basis.FAILURE, would=Verdict.DENY, failure=Failure(Reason.INTERNAL, "x"))
    assert said(failure) == Said(Verdict.DENY, ("internal",))


def test_a_projects_own_rules_hold_for_its_calls(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".security-hooks/rules").mkdir(parents=True)
    (project / ".security-hooks/rules/own.rules").write_text(RULE.replace("cat", "ls"))
    here = judge(tmp_path)
    gone = str(tmp_path / "gone")
    told = [
        here.say(case(name, root=root, command=command))
        for name, root, command in (("1", None, "ls"), ("2", str(project), "ls"), ("3", str(project), "cat x"))
    ]
    assert [one and one.rules for one in (*told, here.say(case("4", root=gone, command="ls")))] == [
        *((), ("no-ls",), ("no-cat",), ())
    ]


def test_a_call_whose_projects_rules_are_broken_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "p/.security-hooks/rules").mkdir(parents=True)
    (tmp_path / "p/.security-hooks/rules/own.rules").write_text("block broken\n")
    here = judge(tmp_path)
    assert here.say(case("1", root=str(tmp_path / "p"))) is None
    totals = Totals()
    assert list(compare([case("1", ALLOW, str(tmp_path / "p"))], recorded, here.say, totals)) == []
    assert totals.passed == {Unfit.PROJECT: 1}


def test_a_broken_policy_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        judge(tmp_path, "block broken\n")
