from pathlib import Path

import pytest

from security_hooks.model.diagnostic import PolicyError
from security_hooks.model.event import Place
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.approvals import Outcome
from security_hooks.service.kinds import kinds_of
from security_hooks.service.lessons import Files, Lesson, Teacher, unproven
from security_hooks.service.offline import shell_event
from security_hooks.service.recall import Case

ROOT = Path(__file__).parents[3]
CONFIG = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
FILES = Files("/c/rules/learned.rules", "/c/config.toml")
RULES = """
suspicious "unknown"
  match base_command_not_in(allowed_executables)
suspicious "tags"
  match command("git") subcommand("tag")
"""
# A `frob` that is known is stopped where it was only asked about.
TURNED = (
    RULES
    + """
block "known-frob"
  match command("frob") argument("b") not base_command_not_in(allowed_executables)
"""
)


def case(command: str, name: str = "1") -> Case:
    return Case(name, shell_event(command, "/p"), Place("/p", "/home/u", "/p"))


def taught(
    rules: str, *commands: str, least: int = 1, config: bytes = b"", also: tuple[RuleFile, ...] = ()
) -> tuple[Teacher, tuple[Lesson, ...]]:
    mine = (Layer("user", FILES.config, config),) if config else ()
    sources = Sources((CONFIG, *mine), (RuleFile("shipped", "a.rules", rules.encode()), *also))
    teacher = Teacher(sources, FILES, "2026-11-21")
    found = [
        Outcome(case(command, str(number)), f"2026-0{number + 1}", ran=True) for number, command in enumerate(commands)
    ]
    return teacher, teacher.lessons(kinds_of(found, teacher.snapshot), least)


def test_programs_become_entries_and_commands_exceptions() -> None:
    _, lessons = taught(RULES, "git tag a", "frob x", "frob y")
    assert [(lesson.program, lesson.rules, lesson.ran) for lesson in lessons] == [
        (None, ("tags",), 1),
        ("frob", ("unknown",), 2),
    ]
    assert [lesson.file for lesson in lessons] == [FILES.rules, FILES.config]


def test_a_program_under_a_path_is_no_entry() -> None:
    _, lessons = taught(RULES, "./bin/frob x")
    assert all(lesson.program in {None, "frob"} for lesson in lessons)


@pytest.mark.parametrize(("least", "count"), [(2, 1), (3, 0)])
def test_what_was_approved_less_often_is_no_lesson(least: int, count: int) -> None:
    assert len(taught(RULES, "git tag a", "frob x", "frob y", least=least)[1]) == count


def test_a_lesson_that_changes_its_own_kind_alone_is_proven() -> None:
    teacher, lessons = taught(RULES, "git tag a", "frob x")
    past = (
        "git tag a",
        "cd x && git tag a",
        "git tag b",
        "git tag a; sudo frob x",
        "frob y; frob z",
        "ls",
        "frob | grob",
    )
    teacher.prove(lessons, map(case, past))
    assert [(lesson.changed, lesson.wrong) for lesson in lessons] == [(2, []), (1, [])]
    assert list(unproven(lessons)) == []


def test_a_lesson_that_changes_another_call_is_not() -> None:
    teacher, lessons = taught(TURNED, "frob a")
    teacher.prove(lessons, [case("frob a", "1"), case("frob b", "2")])
    assert [(lesson.program, lesson.changed, lesson.wrong) for lesson in lessons] == [("frob", 1, ["2"])]
    assert list(unproven(lessons)) == list(lessons)


def test_a_lesson_that_would_change_nothing_is_not_proven() -> None:
    teacher, lessons = taught(RULES, "git tag a")
    teacher.prove(lessons, [case("git tag a; frob")])
    assert list(unproven(lessons)) == list(lessons)


def test_what_the_files_hold_already_stays() -> None:
    old = RuleFile("user", FILES.rules, b'except "old"\n  for "tags"\n  match ^git tag old$\n  reason "x"\n')
    _, lessons = taught(RULES, "git tag a", "frob x", config=b'# mine\nmode = "enforce"\n', also=(old,))
    rule, entry = (lesson.content.decode() for lesson in lessons)
    assert rule.startswith(old.data.decode())
    assert entry.startswith('# mine\nmode = "enforce"\n')
    assert "# Learned on 2026-11-21: frob was approved once, 2026-02 to 2026-02." in entry


def test_a_policy_that_cannot_be_built_teaches_nothing() -> None:
    with pytest.raises(PolicyError):
        taught("block\n", "frob")
