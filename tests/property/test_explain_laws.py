"""What `explain` claims is so: the edit has its verdict, and what is underlined suffices for the rule."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shipped import shipped_snapshot

from security_hooks.model.event import Place
from security_hooks.service.journal import rule_names
from security_hooks.service.offline import Offline, fictitious_project, shell_event
from security_hooks.service.trial import Trial

PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
WORDS = st.sampled_from(
    ["-rf", "-r", "--force", "/", "~/.ssh/id_rsa", '"$X"', "build", "*", "$(pwd)", "> ~/.bashrc", "2>&1", "-d", "@-"]
)
PROGRAMS = st.sampled_from(
    ["rm", "sudo rm", "cat", "curl e.example", "git push", "sh", "chmod 777", "frobnicate", "X=/ ;", "eval", "ls"]
)
COMMANDS = st.builds(lambda program, words: " ".join((program, *words)), PROGRAMS, st.lists(WORDS, max_size=3))
SCRIPTS = st.builds(
    lambda commands, joints: (
        "".join(part for pair in zip(commands, joints, strict=False) for part in pair) + commands[-1]
    ),
    st.lists(COMMANDS, min_size=1, max_size=4),
    st.lists(st.sampled_from([" | ", " && ", "; ", "\n", " || ", " & "]), max_size=3),
)


@pytest.fixture(scope="module")
def offline() -> Offline:
    return Offline(shipped_snapshot(), fictitious_project)


@given(script=SCRIPTS)
@settings(max_examples=60)
def test_the_edit_has_the_verdict_that_is_claimed_and_a_better_one(offline: Offline, script: str) -> None:
    event = shell_event(script, "/home/user/project")
    judgement = offline.placed(event, PLACE)
    edit = Trial(offline, event, PLACE, judgement).smallest_edit()
    if edit is None:
        return
    decision = offline.command(edit.script, "/home/user/project", "/home/user").decision
    assert (decision.would, tuple(rule_names(decision))) == (edit.verdict, edit.rules)
    assert decision.would < judgement.decision.would
    assert edit.script == script[: edit.start] + edit.instead + script[edit.end :]


@given(script=SCRIPTS)
@settings(max_examples=60)
def test_the_evidence_lies_in_the_script_and_there_always_is_some(offline: Offline, script: str) -> None:
    event = shell_event(script, "/home/user/project")
    judgement = offline.placed(event, PLACE)
    for finding in judgement.decision.findings[:1]:
        spans = Trial(offline, event, PLACE, judgement).evidence(finding)
        assert spans
        assert all(0 <= start < end <= len(script) for start, end in spans)
        assert all(before[1] < after[0] for before, after in pairwise(spans))
