from collections.abc import Callable

import pytest

from security_hooks.model.shell import Script
from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.context import Feed
from security_hooks.shell.printed import Printed
from security_hooks.shell.printing import handed_on

HOLE = Hole(HoleKind.PARAMETER, "$X")


@pytest.mark.parametrize(
    ("printed", "origin", "expected"),
    [
        (Printed(("rm",)), Origin.UNKNOWN, Feed(("rm",), Origin.LITERAL)),
        (Printed(("rm", HOLE)), Origin.UNKNOWN, Feed(("rm", HOLE), Origin.LITERAL)),
        (Printed(b"rm"), Origin.DECODED, Feed(("rm",), Origin.DECODED)),
        (Printed(b"rm"), Origin.NETWORK, Feed(("rm",), Origin.NETWORK)),
        (Printed(b"rm", sure=False), Origin.UNKNOWN, Feed(("rm",), Origin.UNKNOWN)),
        (Printed(b"\xff"), Origin.DECODED, Feed(None, Origin.DECODED)),
        (None, Origin.UNKNOWN, Feed(None, Origin.UNKNOWN)),
    ],
)
def test_what_the_next_one_reads(printed: Printed | None, origin: Origin, expected: Feed) -> None:
    assert handed_on(printed, origin) == expected


def commands(script: Script) -> list[str]:
    return [command.folded for command in script.commands if any(w.program in ("sh", "bash") for w in command.wrappers)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ echo ls; echo 'rm -rf /'; } | sh", ["ls", "rm -rf /"]),
        ("(printf 'rm '; printf -- '-rf /') | bash", ["rm -rf /"]),
        ("for i in rm ls; do echo $i x; done | sh", ["rm x", "ls x"]),
        ("f() { echo rm $1; }; f x | sh", ["rm x"]),
        ("x=$(echo 'rm'; echo x); sh -c \"$x\"", ["rm", "x"]),
        ("{ cd /tmp; echo ls >&2; echo rm x; } | sh", ["rm x"]),
        ("{ echo rm; echo x; } > f; sh f", ["rm", "x"]),
        ("for i in a b; do echo rm $i; done > f; sh f", ["rm a", "rm b"]),
        ("f() { echo rm x; }; f > y; sh y", ["rm x"]),
        ("{ { echo rm x; } > f; echo ls; } | sh", ["ls"]),
        ("echo rm x | { cat; } | sh", ["rm x"]),
        ("(echo a; exit; echo b) | sh", ["a"]),
    ],
)
def test_what_a_construct_prints_is_known(read: Callable[[str], Script], text: str, expected: list[str]) -> None:
    assert commands(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if test -e x; then echo rm a; else echo rm b; fi | sh", ["rm a", "rm b"]),
        ("case $x in a) echo rm a;; *) echo rm b;; esac | sh", ["rm a", "rm b"]),
        ("while test x; do echo rm x; done | sh", ["rm x"]),
        ("{ make; echo rm x; } | sh", ["<output>", "rm x"]),
        ("test x && echo rm x | sh", ["rm x"]),
        ("{ test x && echo rm x; } | sh", ["rm x"]),
        ("for i in a b; do echo rm $i; break; done | sh", ["rm a", "rm b"]),
        ("f() { test x && return; echo rm x; }; f | sh", ["rm x"]),
        ("sudo echo rm x | sh", ["rm x"]),
        ("sh -c 'echo rm x' | sh", ["echo rm x", "rm x"]),
    ],
)
def test_what_is_printed_only_perhaps_is_looked_at_and_stays_doubtful(
    read: Callable[[str], Script], text: str, expected: list[str]
) -> None:
    script = read(text)
    assert commands(script) == expected
    assert script.dynamic is ("&& echo rm x |" not in text)


@pytest.mark.parametrize(
    "text",
    [
        "x=$(if test y; then echo /; fi); ls $x",
        "x=$(for i in a b; do echo /; break; done); ls $x",
        "x=$(make; echo /); ls $x",
        "x=$(< /etc/motd); ls $x",
        "x=$(echo a; < /etc/motd); ls $x",
        "f() { test y && return; echo /; }; x=$(f); ls $x",
        "x=$(cd y; echo /); ls $x",
        "x=$(echo / & echo a); ls $x",
    ],
)
def test_what_is_printed_only_perhaps_is_never_relied_on(read: Callable[[str], Script], text: str) -> None:
    (listed,) = [command for command in read(text).commands if command.program == "ls"]
    assert listed.words[1].literal is None


def test_very_many_outputs_are_not_put_together(read: Callable[[str], Script]) -> None:
    script = read("{ " + "echo rm x; " * 600 + "} | sh")
    assert script.dynamic
    assert not commands(script)
