"""What is predicted of filters against what the programs themselves print, over generated harmless texts."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable

import pytest

from security_hooks.model.word import Word
from security_hooks.shell.outputs import output_of
from security_hooks.shell.printed import Printed

ROUNDS = 120
LEAST_KNOWN = ROUNDS // 8

Chance = random.Random


def _text(chance: Chance) -> str:
    """A few lines of words; often the last one ends, sometimes not."""
    words = [
        "a",
        "bc",
        "abcabc",
        "B2",
        "x:y",
        "a,b,,c",
        "7",
        "10",
        "-3",
        "007",
        "the end",
        " two  blanks ",
        "",
        "e/f",
        "\tt",
    ]
    lines = [" ".join(chance.choices(words, k=chance.randint(0, 3))) for _ in range(chance.randint(0, 6))]
    return "\n".join(lines) + chance.choice(["\n", "\n", ""])


def _numbers(chance: Chance) -> str:
    return "".join(
        f"{chance.randint(-5, 99)}{chance.choice(['', '', ' x', ' y z'])}\n" for _ in range(chance.randint(0, 5))
    )


def _digits(chance: Chance) -> str:
    return "".join(f"{chance.choice(['', '0', '1'])}{chance.randint(0, 99)}\n" for _ in range(chance.randint(0, 6)))


def _based(program: str) -> Callable[[Chance], str]:
    def text(chance: Chance) -> str:
        encoded = _run(program, ["-w", str(chance.choice([0, 20, 76]))], _text(chance).encode())
        return (encoded or b"").decode() + chance.choice(["", "\n", "", "=", "!", "A"])

    return text


def _hexadecimal(chance: Chance) -> str:
    return chance.choice(["", " ", "\n"]).join(f"{byte:02x}" for byte in _text(chance).encode()) + chance.choice(
        ["", "\n", "4"]
    )


def _tr(chance: Chance) -> list[str]:
    sets = [
        "a-c",
        "a-z",
        "A-Z",
        "n-za-m",
        "xyz",
        "abcab",
        "\\n",
        " ",
        "[a-c]",
        "a-",
        "\\141b",
        "[:alpha:]",
        "[:digit:]",
        "[:lower:]",
        "[:upper:]",
        "\\\\",
        "0-9",
        "e\\057",
        "[:space:]",
        "ab-",
        "z-a",
        "[x*3]",
        "[:punct:]",
    ]
    form = chance.choice([["-d"], ["-s"], ["-cd"], ["-c"], ["-cs"], [], [], [], ["-s"], ["-ds"]])
    count = 1 if "d" in "".join(form) else chance.choice([1, 2, 2])
    return [*form, *chance.choices(sets, k=count)]


def _cut(chance: Chance) -> list[str]:
    ranges = ["1", "2", "1-2", "2-", "-3", "1,3", "3,1", "2-1", "0", "1-3,2"]
    forms = [
        ["-c", chance.choice(ranges)],
        ["-f" + chance.choice(ranges)],
        ["-d", chance.choice(": ,/"), "-f", chance.choice(ranges)],
        ["-d,", "-f2", "-s"],
        ["-b", chance.choice(ranges)],
    ]
    return chance.choice(forms)


def _count(chance: Chance) -> list[str]:
    count = str(chance.choice([0, 1, 2, 3, 9]))
    return chance.choice(
        [["-n", count], ["-n" + count], ["-" + count], ["-c", count], ["-c" + count], ["--lines=" + count], []]
    )


def _tail(chance: Chance) -> list[str]:
    return chance.choice([_count(chance), ["-n", "+2"], ["-c", "+3"], ["-n", "-2"]])


def _sort(chance: Chance) -> list[str]:
    return chance.choice([["-n"], ["-rn"], [], ["-u"], ["-r"], ["-nu"], ["-n", "-r", "-u"]])


def _sed(chance: Chance) -> list[str]:
    one, other = (
        chance.choice(["a", "bc", "^", "$", "^a", "c$", "x:", "^7$", " ", ".", "a*"]),
        chance.choice(["", "Q", "a.b", "aa", "\\1", "&"]),
    )
    mark = chance.choice(["/", "|", "#", ",", "."])
    replace = f"s{mark}{one}{mark}{other}{mark}{chance.choice(['', 'g', '2', 'p'])}"
    forms = [
        [replace],
        ["-e", replace, "-e", "y/abc/xyz/"],
        ["-n", "2p"],
        ["1d"],
        ["$d"],
        ["2q"],
        ["-n", "2,$p"],
        ["3,2d"],
        [f"{replace};1p"],
        ["-n", "$p"],
        ["-E", replace],
        ["-n", "1,2p;2,3p"],
    ]
    return chance.choice(forms)


def _awk(chance: Chance) -> list[str]:
    programs = [
        "{print $1}",
        "{print $2}",
        "{print}",
        "{ print $2, $1 }",
        "{print $1$2}",
        "{print $NF}",
        'NR==2{print $1 "x"}',
        '{print "a" $0;}',
        "{print $0}",
    ]
    return [
        *chance.choice(
            [
                [],
                [],
                ["-F:"],
                ["-F", ","],
                [
                    "-F ",
                ],
            ]
        ),
        chance.choice(programs),
    ]


def _grep(chance: Chance) -> list[str]:
    return [
        *chance.choice([[], ["-v"], ["-o"], ["-x"], ["-F"], ["-vx"], ["-E"]]),
        chance.choice(["a", "bc", "the end", "7", "x:y", "-"]),
    ]


def _printf(chance: Chance) -> list[str]:
    forms = [
        "%s\\n",
        "%d ",
        "%x,%o",
        "%5d|%-5d|%05d",
        "%c%c",
        "%s-%s\\n",
        "\\x41\\102\\n",
        "%b.",
        "%.2s|%6s",
        "%%",
        "%+d",
        "%#x",
        "%X",
        "% d",
        "%i%u",
        "%-4s|",
    ]
    values = ["a", "7", "-3", "0x1f", "12", "", "\\0101", "\\102\\n", "abc", "0", "a\\cb", "010", "x y"]
    return [chance.choice(forms), *chance.choices(values, k=chance.randint(0, 4))]


def _basename(chance: Chance) -> list[str]:
    paths = ["/a/b.c", "b.c", "a/", "/", "//", ".", "..", "/a//b//", ".c", "a b", "///a"]
    return [chance.choice(paths), *chance.choice([[], [], [".c"], ["b.c"]])]


def _dirname(chance: Chance) -> list[str]:
    return _basename(chance)[:1]


def _seq(chance: Chance) -> list[str]:
    return [str(chance.choice([1, 2, 3, 7, -2, 0, 10])) for _ in range(chance.randint(1, 3))]


def _expr(chance: Chance) -> list[str]:
    return [str(chance.randint(-9, 9)), chance.choice("+-*/%"), str(chance.randint(-9, 9))]


def _one_of(*forms: list[str]) -> Callable[[Chance], list[str]]:
    return lambda chance: chance.choice(forms)


CASES: list[tuple[str, Callable[[Chance], list[str]], Callable[[Chance], str]]] = [
    ("awk", _awk, _text),
    ("base32", _one_of(["-d"], ["--decode"], []), _based("base32")),
    ("base64", _one_of(["-d"], ["--decode"], [], ["-w0"], ["-d", "-"]), _based("base64")),
    ("basename", _basename, _text),
    ("cut", _cut, _text),
    ("dirname", _dirname, _text),
    ("expr", _expr, _text),
    ("grep", _grep, _text),
    ("head", _count, _text),
    ("openssl", _one_of(["base64", "-d"], ["enc", "-base64", "-d"], ["base64", "-d", "-A"]), _based("base64")),
    ("paste", _one_of(["-sd", ""], ["-sd+"], ["-s"], ["-s", "-d", ","], ["-sd", "\\0"]), _text),
    ("printf", _printf, _text),
    ("rev", _one_of([]), _text),
    ("sed", _sed, _text),
    ("seq", _seq, _text),
    ("sort", _sort, _numbers),
    ("sort", _sort, _digits),
    ("tac", _one_of([], ["-"]), _text),
    ("tail", _tail, _text),
    ("tr", _tr, _text),
    ("uniq", _one_of([], ["-d"], ["-u"]), _digits),
    ("xxd", _one_of(["-r", "-p"], ["-p", "-r"], ["-p"]), _hexadecimal),
]


def _run(program: str, arguments: list[str], given: bytes) -> bytes | None:
    """What the program prints, None where it complains."""
    found = shutil.which(program)
    assert found is not None
    done = subprocess.run(
        [found, *arguments],
        input=given,
        capture_output=True,
        check=False,
        timeout=20,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    return None if done.stderr and done.returncode else done.stdout


def _predicted(program: str, arguments: list[str], given: bytes) -> bytes | None:
    words = tuple(Word((text,) if text else (), (0, 0), text) for text in (program, *arguments))
    printed = output_of(program, words, (), Printed(given))
    if printed is None:
        return None
    value = printed.value
    return value if isinstance(value, bytes) else "".join(map(str, value)).encode()


@pytest.mark.parametrize(("program", "arguments", "text"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_filters_print_what_is_predicted(
    program: str, arguments: Callable[[Chance], list[str]], text: Callable[[Chance], str]
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"`{program}` is not installed")
    chance = Chance(f"{program} {os.environ.get('FILTER_SEED', '0')}")
    known = 0
    for _ in range(ROUNDS):
        given, words = text(chance).encode(), arguments(chance)
        predicted = _predicted(program, words, given)
        if predicted is None:
            continue
        known += 1
        printed = _run(program, words, given)
        assert printed == predicted, (program, words, given)
    assert known >= LEAST_KNOWN
