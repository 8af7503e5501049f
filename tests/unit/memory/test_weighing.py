import pytest
from msgspec.structs import replace

from security_hooks.memory.authors import Author, Held
from security_hooks.memory.weighing import RULE, Teller, Weighed, deletion, is_tagged, liftable, reworded
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.work import Discard, Discards, Loss, Shape, Stake, Stakes

S = 1_000_000_000
TELLER = Teller("/p", {"they": "codex-cli session 4f2a"}.__getitem__, 1_000 * S)
RESET = Discard(Loss.STAGED, ("/p",), 0, is_whole=True, is_exact=True)
DELETE = Discard(Loss.FILES, ("/p/a",), 0)
FINDING = Finding(
    "git-discard", Tier.SUSPICIOUS, True, Verdict.ASK, "n", "git reset --hard", 0, "f", 1, Severity.HIGH, ("discards",)
)
ASKED = Decision(Verdict.ASK, Basis.RULE, (FINDING,), would=Verdict.ASK)
OWN = Held(Author.OWN, "me", 1)
PERSON = Held(Author.PERSON, at=820 * S)
SESSION = Held(Author.SESSION, "they", 1_000 * S - 7_300 * S)
UNCLEAR = Held(Author.UNCLEAR)


def weighed(*holders: Held, discard: Discard = RESET, missing: str = "") -> Weighed:
    stakes = tuple(Stake(f"/p/f{number}", Shape(1, 1, 1, 1)) for number, _ in enumerate(holders))
    return Weighed(discard, Stakes(stakes, missing), holders)


ALONE = Discards((RESET,), is_alone=True)


@pytest.mark.parametrize(
    ("one", "discards", "finding", "is_lifted"),
    [
        (weighed(), ALONE, FINDING, True),
        (weighed(OWN, OWN), ALONE, FINDING, True),
        (weighed(OWN, PERSON), ALONE, FINDING, False),
        (weighed(SESSION), ALONE, FINDING, False),
        (weighed(OWN, UNCLEAR), ALONE, FINDING, False),
        (weighed(OWN, missing="a merge is under way"), ALONE, FINDING, False),
        (weighed(OWN, discard=replace(RESET, is_exact=False)), ALONE, FINDING, False),
        (weighed(OWN, discard=replace(RESET, command=1)), ALONE, FINDING, False),
        (weighed(OWN, discard=replace(RESET, loss=Loss.FILES)), ALONE, FINDING, False),
        (weighed(OWN), replace(ALONE, is_alone=False), FINDING, False),
        (weighed(OWN), replace(ALONE, is_cut=True), FINDING, False),
        (weighed(OWN), ALONE, replace(FINDING, certain=False), False),
    ],
)
def test_what_needs_nobody(one: Weighed, discards: Discards, finding: Finding, is_lifted: bool) -> None:
    assert bool(liftable(finding, [one], discards)) is is_lifted


def test_one_part_of_a_command_is_not_all() -> None:
    assert not liftable(FINDING, [weighed(OWN), weighed(PERSON)], ALONE)


def test_an_ask_names_whose_work_it_is() -> None:
    (finding,) = reworded(ASKED, [weighed(PERSON, SESSION, OWN, UNCLEAR)], TELLER).findings
    assert finding.nudge == (
        "`git reset --hard` would discard work that is not this session's: f0 (by a person, 3 minutes ago),"
        " f1 (by codex-cli session 4f2a, 2 hours ago); and 1 file of its own."
        " A person should decide; commit or stash what is to be kept"
    )


@pytest.mark.parametrize("verdict", [Verdict.DENY, None])
def test_only_asks_are_reworded(verdict: Verdict | None) -> None:
    decision = replace(ASKED, findings=(replace(FINDING, verdict=verdict),))
    assert reworded(decision, [weighed(PERSON)], TELLER) == decision
    assert not is_tagged(decision.findings[0])


def test_an_ask_without_a_name_keeps_its_words() -> None:
    assert reworded(ASKED, [weighed(OWN, UNCLEAR)], TELLER) == ASKED
    other = replace(ASKED, findings=(replace(FINDING, tags=()),))
    assert reworded(other, [weighed(PERSON)], TELLER) == other


def test_names_are_few_short_and_plain() -> None:
    names = ["/p/" + "x" * 500, "/p/\x1b[31mred\n", "/elsewhere/ghp_" + "a1B2" * 9, "/p/\udcff", "/p/e", "/p/f"]
    stakes = Stakes(tuple(Stake(name, Shape(1, 1, 1, 1)) for name in names))
    found = deletion([Weighed(DELETE, stakes, (PERSON,) * len(names))], TELLER)
    assert found is not None
    for text in (found.nudge, found.evidence):
        assert "and 2 more" in text
        assert "?[31mred?" in text
        assert "x" * 81 not in text
        assert "a1B2a1B2" not in text
        assert text.isprintable()


def test_deletions_of_others_work_are_asked_about() -> None:
    found = deletion([weighed(PERSON, discard=DELETE)], TELLER)
    assert found is not None
    assert (found.rule, found.verdict, found.command, found.evidence) == (RULE, Verdict.ASK, 0, "f0")
    assert found.nudge.startswith("This would delete work that is not this session's: f0 (by a person, 3 minutes ago).")
    # The same question another time is the same question.
    later = deletion([weighed(PERSON, discard=DELETE)], replace(TELLER, now=9_000 * S))
    assert later is not None
    assert later.evidence == found.evidence


@pytest.mark.parametrize("holders", [(), (OWN,), (UNCLEAR, OWN)])
def test_other_deletions_are_not(holders: tuple[Held, ...]) -> None:
    assert deletion([weighed(*holders, discard=DELETE)], TELLER) is None
    assert deletion([weighed(PERSON)], TELLER) is None


def test_the_stash_is_told() -> None:
    stash = Weighed(Discard(Loss.STASH, ("/p",), 0), Stakes(notes=(("On main: lunch", 400),)), ())
    (finding,) = reworded(ASKED, [stash], TELLER).findings
    assert "is about what is stashed: On main: lunch (10 minutes ago)" in finding.nudge
    assert not liftable(FINDING, [stash], ALONE)
