"""Calls made to hold the daemon for long: each ends at a bound, and what lies beyond the bound is asked about."""

from pathlib import Path

import pytest

from security_hooks.model.decision import Verdict
from security_hooks.policy.config_types import Limits
from security_hooks.service.judge import Judgement
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.offline import Offline, fictitious_project

MOST = Limits().script_commands


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    """The shipped policy, with so much time that only the counts matter."""
    place = tmp_path_factory.mktemp("policy")
    (place / "config").mkdir()
    (place / "config/config.toml").write_text("[limits]\nscript_milliseconds = 2000\n")
    directories = policy_directories(place / "config", None, place / "state")
    return Offline(load_snapshot(directories, None), fictitious_project)


def judged(offline: Offline, script: str) -> Judgement:
    return offline.command(script, str(Path("/home/user/project")), "/home/user")


def rules_of(judgement: Judgement) -> set[str]:
    return {finding.rule for finding in judgement.decision.findings}


@pytest.mark.parametrize(
    "script",
    [
        "ls;" * 400_000,
        "ls|" * 100_000 + "cat",
        f"bash -c '{'ls;' * 5_000}'",
        "bash -c 'ls; ls';" * (MOST // 2),
        "eval 'ls; ls';" * (MOST // 2),
        'echo "$(ls)";' * 5_000,
        "sudo ls;" * (MOST - 1),
        "find . " + r"-exec ls {} \; " * (MOST + 1),
        "if ls; then ls; else ls; fi;" * 1_000,
        "X=1; for i in *; do X=$i; for j in *; do Y=$X$j; " + "ls $Y;" * (MOST - 10) + " done; done",
        "".join(f"f{number}() {{ ls; }};" for number in range(MOST + 1)),
        "X=$X$X;" * 60,
        "X=$Y$Y;" + "X=$X$X;" * 60 + "ls $X",
        "A=aaaaaaaaaaaaaaaa;" + "A=$A$A;" * 60,
        ("ls " + "{a,b}" * 10 + ";") * 300,
        "ls " + " ".join(["{a,b}" * 10] * 9),
        "ls " + "a " * 50_000,
        "ls " + ">f " * 50_000,
        "cat <<E\n" + "$x\n" * 50_000 + "E\n",
        "$(" * 5_000 + "ls" + ")" * 5_000,
        "echo '" + "a" * (1 << 20) + "'",
    ],
    ids=lambda script: script[:30],
)
def test_what_is_too_much_to_judge_is_asked_about(offline: Offline, script: str) -> None:
    judgement = judged(offline, script)
    assert judgement.call is not None
    assert judgement.call.script is not None
    assert judgement.call.script.over_budget
    assert len(judgement.call.script.commands) <= 2 * MOST
    assert "over-budget-script" in rules_of(judgement)
    assert judgement.decision.verdict >= Verdict.ASK


@pytest.mark.parametrize(
    "script",
    [
        "rm -rf ~;" + "ls;" * 50_000,
        # The loop is walked again, and that second round ends before it gets to the command.
        f"X=1; for i in *; do X=$i; {'ls $X;' * (MOST * 2 // 3)} rm -rf ~; done",
    ],
    ids=["first", "last in a loop"],
)
def test_a_denial_before_the_bound_stands(offline: Offline, script: str) -> None:
    judgement = judged(offline, script)
    assert judgement.decision.verdict is Verdict.DENY
    assert "over-budget-script" in rules_of(judgement)


@pytest.mark.parametrize(
    "script", ["ls;" * MOST, "ls {1..1000}", "cat > f <<'E'\n" + "some text; here\n" * 15_000 + "E\n"]
)
def test_what_is_large_but_within_the_bounds_is_judged_whole(offline: Offline, script: str) -> None:
    judgement = judged(offline, script)
    assert judgement.call is not None
    assert judgement.call.script is not None
    assert not judgement.call.script.over_budget
    assert judgement.decision.verdict is Verdict.ALLOW


def test_braces_beyond_all_bounds_are_a_word_that_is_not_known(offline: Offline) -> None:
    for word in ("{1..9999999}", "{a,b}" * 40, "{" * 100_000, "{a," * 50_000, "{a," * 100 + "}" * 100):
        assert judged(offline, f"rm -rf {word}").decision.verdict >= Verdict.ASK
