import pytest

from security_hooks.dsl.compile import compile_rule
from security_hooks.dsl.parse import parse
from security_hooks.dsl.recall import Question, question_of, recalls_in
from security_hooks.dsl.resolve import LayeredFile, resolve
from security_hooks.dsl.resolved import Recall, ResolvedRule
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.session import Count, SessionView
from security_hooks.model.shell import CallFacts, Command, Facts, Script
from security_hooks.model.word import Word

TOOL = ToolCall("Bash", ToolKind.SHELL, script="x")
EVENT = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=TOOL)
PYTEST = 'after(command("pytest"))'


def rule(*lines: str, tier: str = "block") -> ResolvedRule:
    source, misread = parse("\n".join((f'{tier} "t"', *lines)), "t.rules")
    rules, wrong = resolve([LayeredFile("user", source)], {})
    assert (misread, wrong) == ((), ())
    return rules[0]


def questions(found: ResolvedRule) -> list[Question]:
    return [question_of(recall) for recall in recalls_in((*found.matches, *found.unless))]


def truth(found: ResolvedRule, *programs: str, times: int = 0, sure: int = 0) -> str:
    """The answer for the last command, where each question has been met so often."""
    session = SessionView(tuple(Count(question.name, times, sure) for question in questions(found)))
    words = [Word((program,), (0, 0), program) for program in programs]
    commands = tuple(
        Command(number, (word,), word.literal, word.literal or "", word.literal or "", (0, 0))
        for number, word in enumerate(words)
    )
    call = CallFacts(EVENT, TOOL, Place("/p", "/h"), Script("x", commands), session=session)
    return compile_rule(found).match(Facts(call, commands[-1])).name


@pytest.mark.parametrize(
    ("condition", "programs", "times", "sure", "expected"),
    [
        (f'command("git") {PYTEST}', ["git"], 0, 0, "NO"),
        (f'command("git") {PYTEST}', ["git"], 1, 0, "YES"),
        (f'command("git") {PYTEST}', ["pytest", "git"], 0, 0, "YES"),
        (f'command("git") not {PYTEST}', ["git"], 1, 0, "YES"),
        (f'command("git") not {PYTEST}', ["git"], 1, 1, "NO"),
        (f'command("git") not {PYTEST}', ["pytest", "git"], 0, 0, "YES"),
        ('count(command("rm")) > 2', ["rm"], 2, 0, "YES"),
        ('count(command("rm")) > 2', ["ls"], 2, 0, "NO"),
        ('count(command("rm")) > 2', ["ls"], 3, 0, "YES"),
        ('count(command("rm")) > 2', ["rm"], 1, 0, "NO"),
        ('command("ls") not count(command("rm")) > 2', ["ls"], 3, 2, "YES"),
        ('command("ls") not count(command("rm")) > 2', ["ls"], 3, 3, "NO"),
        ('first_time(command("rm"))', ["rm"], 0, 0, "YES"),
        ('first_time(command("rm"))', ["rm"], 1, 0, "NO"),
        ('first_time(command("rm"))', ["rm", "rm"], 0, 0, "NO"),
        ('first_time(command("rm"))', ["ls"], 0, 0, "NO"),
    ],
)
def test_answers(condition: str, programs: list[str], times: int, sure: int, expected: str) -> None:
    assert truth(rule(f"  match {condition}"), *programs, times=times, sure=sure) == expected


def test_only_what_surely_ran_lets_off() -> None:
    pushing = rule('  match command("git")', f'  unless {PYTEST} within "1h"')
    assert truth(pushing, "git", times=1) == "YES"
    assert truth(pushing, "pytest", "git") == "YES"
    assert truth(pushing, "git", times=1, sure=1) == "NO"
    assert truth(rule(f'  match command("git") {PYTEST}', tier="allow"), "git", times=1) == "NO"


def test_a_question_names_its_condition_its_time_and_how_often() -> None:
    one, two, three = (
        questions(rule(f"  match {condition}"))[0]
        for condition in (PYTEST, f'{PYTEST} within "10m"', 'count(command("pytest")) > 4')
    )
    assert (one.seconds, one.most, two.seconds, three.most) == (0, 1, 600, 5)
    assert one.key == two.key == three.key
    assert len({one.name, two.name, three.name}) == 3


def test_conditions_about_earlier_calls_stand_in_each_other() -> None:
    found = rule('  match first_time(command("c") and after(command("b") after(command("a"))))')
    recalls = list(recalls_in(found.matches))
    assert [type(recall) for recall in recalls] == [Recall] * 3
    assert truth(found, "a", "b", "c") == "YES"
    assert truth(found, "b", "a", "c") == "NO"
