"""What the folder predicts against what bash runs, over generated scripts of harmless commands.

Every command is a printer of its arguments. Each one that bash ran must have been predicted, with each word equal
where nothing in it is unknown, and matching its known parts where something is. Branches that are not taken may be
predicted besides; in a script without branches, and of which bash does not complain, nothing else may.
"""

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import settings

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.model.shell import Command
from security_hooks.model.word import Hole, Word
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = shipped()
PROGRAMS = ("p", "q", "r")
BATCH = 500
MOVES = (
    'cd d; p "$PWD"', 'cd d && p "$PWD"', 'cd nowhere || p "$PWD"', "cd d && cd - && p $PWD", "(cd d && p $PWD)",
)  # fmt: skip
ARGUMENTS = (
    "$1", "$2", "$@", "$*", "${1}", "${@:1:1}", "${@:2}", "${*:1}", "${1:-none}", "${1#?}", "${@#a}", "${10}",
)  # fmt: skip
BRACES = (
    "{a,b}", "{1..3}", "k{,l}", "{a,b}{c,d}", "{x", "{$x,z}", "{a..c}", "{01..3}", "'{a,b}'", "{a}", "k{'',$x}",
    "{5..1..2}",
)  # fmt: skip
LOCALS = (
    "local x=$1", "local x", "local y=$1 z", 'p "$@" $#', "x=$1", "local -a a; a[1]=$1", "shift", ":", "declare y=l",
)  # fmt: skip
ROUNDS = ("for v; do p $v; done", 'for v in "$@"; do p $v; done', "while (( $# )); do p $1; shift; done")

Run = tuple[Path, list[list[str]], bool]
Sandbox = Callable[[Sequence[str]], list[Run]]


class Scripts:
    """A grammar of scripts, driven by one source of chance. `branches` says whether the last one has ways not taken."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.branches = False
        self.in_function = False
        self.counters = 0
        self.functions: set[str] = set()

    def counter(self) -> str:
        """A variable that nothing else changes, so that the loop ends."""
        self.counters += 1
        return f"n{self.counters}"

    def script(self) -> str:
        """One script of a few statements."""
        count = self.random.randint(1, 7)
        lines = [f"x={self.quoted()} y={self.quoted()} z={self.quoted()} n=x i=2"] if self.random.random() < 0.7 else []
        lines += [self.assignment() for _ in range(self.random.randint(0, 3))]
        lines += [self.statement(2) for _ in range(count)]
        return "\n".join([*lines, self.command()])

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def some(self, part: Callable[[], str], most: int = 3, least: int = 0) -> str:
        return " ".join(part() for _ in range(self.random.randint(least, most)))

    # Words

    def name(self) -> str:
        return self.pick("x", "y", "z")

    def array(self) -> str:
        return self.pick("a", "b")

    def text(self) -> str:
        return self.pick(
            "a", "bc", "abcabc", "/u/v/w.c", "a:b::c", ":x:", "a b", " a  b ", "", "1", "7", "-3", "x", "y", "A-b",
            "a=b", "foo.tar.gz", "*", "/a/b", "it's", "x y:z", "0", "10", "a\\tb", "~", "a,b,,c",
        )  # fmt: skip

    def quoted(self) -> str:
        text = self.text()
        if "'" in text or self.random.random() < 0.3:
            return '"' + text.replace("\\", "\\\\") + '"'
        return f"'{text}'"

    def plain(self) -> str:
        return self.pick(
            "a", "b", "c1", "d/e", "x:y", "-n", "a\\ b", "$'a\\tb'", "~", "~/k", "x=~", "a.b", "\\*", "''", "k''k"
        )

    def pattern(self) -> str:
        return self.pick(
            "a", "*a", "a*", "?", "*", "[ab]", "[!a]*", "[a-c]", "*/", "/*", "*.", ".*", ":", "*:", "b?", "''", "'*'",
            "[[:alpha:]]", '"$y"', "$y", "\\*", "*b*", "c", "??",
        )  # fmt: skip

    def operator(self, name: str) -> str:
        sign = self.pick(
            "#", "##", "%", "%%", "/", "//", "/#", "/%", ":", ":-", "-", ":+", "+", ":=", "=", "^", "^^", ",", ",,", "@"
        )
        if sign == ":":
            offset, size = (
                self.pick("0", "1", " -1", " -2", "2", "$((1+0))", "5"),
                self.pick("", ":1", ":2", ":0", ": -1"),
            )
            return f"${{{name}:{offset}{size}}}"
        if sign == "@":
            return f"${{{name}@{self.pick('Q', 'U', 'L', 'u')}}}"
        if sign[0] == "/":
            replacement = self.pick("", "/", "/Z", "/$x", "/a b", "/\\/")
            return f"${{{name}{sign}{self.pattern()}{replacement}}}"
        if sign in ("^", "^^", ",", ",,"):
            return f"${{{name}{sign}{self.pick('', '', '[ab]', 'a', '?')}}}"
        if sign[0] in "#%":
            return f"${{{name}{sign}{self.pattern()}}}"
        if "=" in sign and not name.isalpha():
            sign = "-"
        return f"${{{name}{sign}{self.default()}}}"

    def default(self) -> str:
        return self.pick("", "w", "a b", "'a b'", '"a b"', "$x", '"$y"', "${y}z", "~", "*", "${z:-n}", "$((1+1))")

    def number(self) -> str:
        return self.pick("0", "1", "2", "3", "7", "x", "y", "010", "0x1f", "2#101", "i")

    def arithmetic(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.number()
        part = self.arithmetic
        kind = self.random.randrange(8)
        if kind < 4:
            sign = self.pick("+", "-", "*", "<", "<=", "==", "!=", "&&", "||", "&", "|", "^", "**", "<<", "/", "%")
            right = self.pick("1", "2", "3") if sign in ("<<", "**", "/", "%") else part(depth - 1)
            return f"{part(depth - 1)} {sign} {right}"
        if kind == 4:
            return f"({part(depth - 1)})"
        if kind == 5:
            return f"{part(depth - 1)} ? {part(depth - 1)} : {part(depth - 1)}"
        if kind == 6:
            return self.pick("-", "!", "~") + self.number()
        return self.pick("i++", "++i", "i--", "i += 2", "i = 5", "$x", "i *= 3")

    def expansion(self) -> str:
        name = self.name()
        kind = self.random.randrange(14)
        if kind < 3:
            return self.pick(f"${name}", f"${{{name}}}")
        if kind < 7:
            return self.operator(name)
        if kind == 7:
            return self.pick(f"${{#{name}}}", "$#", "${#a[@]}", "${#a}", "${#@}")
        if kind == 8:
            return self.pick("${!n}", "${!a[@]}", "${!b[*]}")
        if kind == 9:
            return f"$(({self.arithmetic()}))"
        if kind == 10:
            return self.pick(*ARGUMENTS)
        if kind == 11:
            return self.pick(
                "$(echo a b)", "$(printf '%s\\n' 'x y' z)", f'$(echo "${name}")', "`echo c`", "$(:)", "$PWD", "$HOME"
            )
        array = self.array()
        index = self.pick("0", "1", "@", "*", "-1", "i", "1+1", "5", "k", "$x")
        if kind == 12:
            return f"${{{array}[{index}]}}"
        changed = self.operator(f"{array}[{self.pick('@', '*', '0', '1')}]")
        return self.pick(changed, f"${{{array}[@]:1}}", f"${{{array}[@]:0:2}}", f"${array}")

    def word(self) -> str:
        kind = self.random.randrange(10)
        if kind < 2:
            return self.plain()
        if kind == 2:
            return self.quoted()
        if kind < 5:
            return self.expansion()
        if kind < 8:
            return f'"{self.pick("", "", "k", " ")}{self.expansion()}{self.pick("", "", "l", " ")}"'
        if kind == 8:
            return self.pick(*BRACES)
        return self.pick("", "k") + self.expansion() + self.pick("", "l", self.expansion(), self.quoted())

    # Statements

    def command(self) -> str:
        return f"{self.pick(*PROGRAMS)} {self.some(self.word, 4)}"

    def value(self) -> str:
        return self.pick(self.quoted(), self.word(), self.quoted(), f'"{self.expansion()}"', self.expansion())

    def assignment(self) -> str:
        name, array = self.name(), self.array()
        kind = self.random.randrange(16)
        value = self.value()
        if "{" in value and not value.startswith(("'", '"', "$")):
            value = self.quoted()
        if kind < 6:
            return f"{name}={value}"
        if kind == 6:
            return f"{name}+={value}"
        if kind < 9:
            return f"{array}=({self.some(self.word, 3)})"
        if kind == 9:
            return f"{array}+=({self.some(self.word, 2)})"
        if kind == 10:
            return f"{array}[{self.pick('0', '1', '3', 'i', 'x', '-1')}]={value}"
        if kind == 11:
            return f"n={self.pick('x', 'y', 'z', 'a', '1')}"
        if kind == 12:
            return f"i={self.pick('0', '1', '3')}"
        if kind == 13:
            return "IFS=" + self.pick(":", ",", "' :'", "''", "$' \\t\\n'", "/")
        if kind == 14:
            return f"{name}={value} {self.name()}={self.pick(self.quoted(), '$' + name)}"
        return f"{self.array()}=([1]=u [3]={self.pick('v', '$x')} w)"

    def builtin(self) -> str:
        name = self.name()
        kind = self.random.randrange(16)
        if kind == 0:
            return f"set -- {self.some(self.word, 3)}"
        if kind == 1:
            return self.pick("shift", "shift 2", "shift 9")
        if kind == 2:
            return f"declare {self.pick('-i', '-l', '-u', '-a', '-r zz', '-x', '')} {name}={self.value_word()}"
        if kind == 3:
            return 'declare -A m; m[k]=1; m[l]=\'a b\'; m[k]+=2; p "${m[k]}" ${m[l]} "${#m[@]}" "${m[$x]}"'
        if kind == 4:
            return f"unset {self.pick(name, self.array(), 'IFS', f'-v {name}')}"
        if kind == 5:
            return f"read {self.pick('', '-r')} {self.pick('x', 'x y', 'x y z', '-a a')} <<< {self.value_word()}"
        if kind == 6:
            separators = self.pick(":", ",", "' :'")
            return f"IFS={separators} read -r {self.pick('x y', 'x', '-a b')} <<< {self.value_word()}"
        if kind == 7:
            return f"mapfile -t {self.array()} <<< {self.value_word()}"
        if kind == 8:
            return f"printf -v {name} " + self.pick("'%s-%s' a b", "'%s' \"$x\"", "abc")
        if kind == 9:
            return self.pick(f"let i={self.number()}", "let i++", "let 'i = x + 1'") + " || :"
        if kind == 10:
            return f"(({self.arithmetic()})) || :"
        if kind == 11:
            return "eval " + self.pick("'p $x'", '"p $x"', "p '$y'", "'y=k; p $y'", "\"y='$x'\"")
        if kind == 12:
            return self.pick(*MOVES)
        if kind == 13:
            return f"{name}={self.quoted()} p ${name}"
        if kind == 14:
            return f": ${{{name}:={self.pick('w', 'a b', '$y')}}}; p ${name}"
        return self.pick(f"export {name}={self.value_word()}", "set -f", "set -- ", 'p "$@"', "readonly k=1; p $k")

    def value_word(self) -> str:
        return self.pick(self.quoted(), f'"{self.expansion()}"', "1", "'3+4'", "AbC", "'x:y z:w'", "$'l1\\nl2 l3'")

    def compound(self, depth: int) -> str:
        body = "; ".join(self.statement(depth - 1) for _ in range(self.random.randint(1, 2)))
        kind = self.random.randrange(13)
        if kind == 0:
            self.branches = True
            condition = self.pick("p c", "[ $x = a ]", "[[ $x == a* ]]", "true", "false", "! true", "cd d", "(( i ))")
            return f"if {condition}; then {body}; else {self.statement(0)}; fi"
        if kind in (1, 2):
            leaving = self.pick("", "", '; [ "$v" = b ] && break', '; [ "$v" = a ] && continue; p after')
            self.branches = self.branches or bool(leaving)
            return f"for v in {self.pick('', 'k ')}a {self.some(self.word, 3)}; do {body}; p $v{leaving}; done"
        if kind == 3:
            self.branches = True
            patterns = [self.pattern() for _ in range(3)]
            subject = self.pick("$x", '"$x"', "a", "abc", "$y")
            ends = [self.pick(";;", ";;", ";&", ";;&") for _ in range(2)]
            return (
                f"case {subject} in {patterns[0]}) {body} {ends[0]} "
                f"{patterns[1]}|{patterns[2]}) p 2; {self.statement(0)} {ends[1]} *) p 3;; esac"
            )
        if kind == 4:
            self.branches = True
            count = self.random.randint(1, 3)
            counter = self.counter()
            return f"{counter}=0; while (( {counter}++ < {count} )); do {body}; done"
        if kind == 5:
            return f"{{ {body}; }}"
        if kind == 6:
            return f"( {body} ); p $x"
        if kind == 7:
            self.branches = True
            first = self.pick("true", "false", "p a", "[ a = b ]", ":", "! :")
            return f"{first} {self.pick('&&', '||')} {self.statement(0)}"
        if kind == 8:
            self.branches = True
            return f"{self.pick('true', 'false', 'p a', 'cd nowhere')} && {{ {body}; }} || {self.statement(0)}"
        if kind == 9:
            return f"p 1 | {{ {body}; }}; p $x"
        if kind == 10 and not self.in_function:
            self.branches = True
            return f"set -- {self.some(self.word, 3)}; {self.pick(*ROUNDS)}"
        if kind == 11:
            counter = self.counter()
            return f"for (({counter} = 0; {counter} < 2; {counter}++)); do {body}; p ${counter}; done"
        return self.function(depth)

    def function(self, depth: int) -> str:
        if self.in_function:
            return self.command()
        self.in_function = True
        name = self.pick("f", "g")
        # Of two definitions either may be called.
        self.branches = self.branches or name in self.functions
        self.functions.add(name)
        lines = [self.pick(*LOCALS)]
        lines += [self.statement(depth - 1) for _ in range(self.random.randint(1, 2))]
        if self.random.random() < 0.3:
            self.branches = True
            lines.insert(1, self.pick("[ $# -gt 1 ] && return", "return", '[ "$1" ] || return 0'))
        self.in_function = False
        calls = [
            f"{self.pick('', '', 'x=t ')}{name} {self.some(self.word, 3)}" for _ in range(self.random.randint(1, 2))
        ]
        return f'{name}() {{ {"; ".join(lines)}; }}; {"; ".join(calls)}; p $x "$y" $#'

    def statement(self, depth: int) -> str:
        kind = self.random.randrange(10)
        if depth <= 0 or kind < 3:
            return self.command()
        if kind < 5:
            return self.assignment()
        if kind < 7:
            return self.builtin()
        return self.compound(depth)


def _pattern(words: Sequence[Word]) -> str:
    """What the arguments must look like, each behind a NUL."""
    texts: list[str] = []
    for word in words:
        text = "".join(
            re.escape(part) if isinstance(part, str) else ".*" if part.splits else "[^\\x00]*" for part in word.parts
        )
        may_vanish = word.parts and all(isinstance(part, Hole) and part.splits for part in word.parts)
        texts.append(f"(?:\\x00{text})?" if may_vanish else f"\\x00{text}")
    return "".join(texts)


def _difference(script: str, run: Run, *, branches: bool) -> str | None:
    folder, ran, is_clean = run
    place = Place(cwd=str(folder), home="/home/me")
    read = read_script(script, place, CATALOGUE, ShellLimits())
    if read.over_budget or (read.unparseable and is_clean and not branches):
        return f"not read: {read.problem}"
    predicted: list[Command] = [c for c in read.commands if c.words and (c.program in PROGRAMS or c.program is None)]
    patterns = [re.compile(_pattern(command.words), re.DOTALL) for command in predicted]
    for argv in ran:
        text = "".join("\0" + argument for argument in argv)
        if not any(pattern.fullmatch(text) for pattern in patterns):
            return f"not predicted: {argv}"
    if is_clean and not branches:
        given = ["".join("\0" + argument for argument in argv) for argv in ran]
        for command, pattern in zip(predicted, patterns, strict=True):
            if not any(pattern.fullmatch(text) for text in given):
                return f"not run: {command.folded}"
    return None


def _cases(first: int, count: int) -> list[tuple[str, bool]]:
    cases: list[tuple[str, bool]] = []
    for seed in range(first, first + count):
        grammar = Scripts(seed)
        text = grammar.script()
        cases.append((text, grammar.branches))
    return cases


def test_every_command_that_bash_runs_is_predicted(bash_sandbox: Sandbox) -> None:
    total = max(settings().max_examples, BATCH)
    differences: list[str] = []
    for first in range(0, total, BATCH):
        cases = _cases(first, BATCH)
        for (script, branches), run in zip(cases, bash_sandbox([script for script, _ in cases]), strict=True):
            difference = _difference(script, run, branches=branches)
            if difference is not None:
                differences.append(f"{script}\n  {difference}\n  ran: {run[1]}")
    assert not differences, f"{len(differences)} of {total}; the shortest:\n\n" + "\n\n".join(
        sorted(differences, key=len)[:8]
    )
