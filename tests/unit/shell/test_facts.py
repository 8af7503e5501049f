import time
from collections.abc import Callable

import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits


def test_commands_stand_in_order_of_appearance(read: Callable[[str], Script]) -> None:
    script = read("a $(b `c`) | d; e <(f) && g")
    assert "".join(command.program or "?" for command in script.commands) == "abcdefg"
    assert [command.index for command in script.commands] == list(range(7))


def test_places_are_places_in_the_script(read: Callable[[str], Script]) -> None:
    script = read("a; bash -c 'b; c'")
    assert [script.text[slice(*command.span)] for command in script.commands] == ["a", *["bash -c 'b; c'"] * 3]
    assert [command.text for command in script.commands] == ["a", "bash -c 'b; c'", "b", "c"]


def test_nul_bytes_are_dropped_as_a_shell_drops_them(read: Callable[[str], Script]) -> None:
    script = read("r\0m x")
    assert script.text == "rm x"
    assert script.commands[0].program == "rm"


def test_a_command_of_no_words_is_known_and_has_an_empty_program(read: Callable[[str], Script]) -> None:
    (command,) = read("X=1 > f").commands
    assert (command.program, command.words, command.is_known) == ("", (), True)
    assert command.redirects[0].target.literal == "f"
    assert command.assignments[0].name == "X"


def test_a_hole_of_the_outer_script_stays_a_hole_in_the_inner_one(read: Callable[[str], Script]) -> None:
    inner = read("bash -c \"rm -rf '$X' $Y\"").commands[1]
    assert inner.words[2].parts == (Hole(HoleKind.PARAMETER, "$X"),)
    assert inner.words[3].parts == (Hole(HoleKind.PARAMETER, "$Y", splits=True),)
    assert inner.text == "rm -rf '$X' $Y"


def test_kinds_of_holes(read: Callable[[str], Script]) -> None:
    words = read("a $x $(b) $((y)) <(c) * $'\\xff'").commands[0].words[1:]
    kinds = [part.kind for word in words for part in word.parts if not isinstance(part, str)]
    assert kinds == [
        HoleKind.PARAMETER,
        HoleKind.SUBSTITUTION,
        HoleKind.ARITHMETIC,
        HoleKind.PROCESS,
        HoleKind.GLOB,
        HoleKind.OTHER,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ls;" * 20_000 + "rm -rf /",
        "echo " + "$(" * 3000 + ")" * 3000 + "; rm -rf /",
        "bash -c " * 300 + "'rm -rf /' " + "; bash -c \"bash -c 'rm'\"" * 5000,
        "env " * 3000 + "rm -rf /",
        "a=aaaaaaaa;" + "a=$a$a;" * 40 + "$a; rm -rf /",
        "cat|" * 100_000 + "sh",
        "( " * 10_000 + "rm -rf /",
        "x=$((" * 3000 + "; rm -rf /",
        "echo " + "*[a" * 50_000 + "; rm -rf /",
        'echo "' + "$x " * 300_000 + '"; rm -rf /',
    ],
)
def test_hostile_texts_are_cut_short_and_say_so(read: Callable[[str], Script], text: str) -> None:
    script = read(text)
    assert script.over_budget
    assert script.problem is not None


@pytest.mark.parametrize(
    "text",
    [
        "echo '" + "a" * 1_000_000 + "'; rm -rf /",
        "cat <<EOF\n" + "text\n" * 180_000 + "EOF\nrm -rf /",
        "env " * 300 + "rm -rf /",
        "echo " + "{1..9}" * 30 + "; rm -rf /",
        "alias a=b b=a; a; rm -rf /",
        "f() { f | f & }; f; rm -rf /",
        "while x; do " * 60 + "X=1; " + "done; " * 60 + "rm -rf /",
    ],
)
def test_large_and_recursive_texts_within_the_limits_are_read_to_the_end(
    read: Callable[[str], Script], text: str
) -> None:
    script = read(text)
    assert not script.over_budget
    assert script.commands[-1].folded == "rm -rf /"


def test_past_the_limit_what_was_found_so_far_is_there(catalogue: Catalogue) -> None:
    script = read_script("rm -rf /; " + "ls; " * 100, Place(None, "/"), catalogue, ShellLimits(nodes=50))
    assert script.over_budget
    assert script.commands[0].folded == "rm -rf /"


def test_a_text_over_the_size_limit_is_not_read(catalogue: Catalogue) -> None:
    script = read_script("ls ; ls", Place(None, "/"), catalogue, ShellLimits(bytes=5))
    assert script.over_budget
    assert script.commands == ()


def test_a_clock_that_is_given_ends_the_work(catalogue: Catalogue) -> None:
    limits = ShellLimits(milliseconds=-1.0, clock=time.monotonic)
    assert read_script("ls; " * 200, Place(None, "/"), catalogue, limits).over_budget


def test_without_a_cwd_its_parameter_is_a_hole(catalogue: Catalogue) -> None:
    script = read_script("ls $PWD ~", Place(None, "/home/me"), catalogue, ShellLimits())
    assert [word.literal for word in script.commands[0].words] == ["ls", None, "/home/me"]
