import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.inline import read_inline
from security_hooks.shell.inline.makefile import recipes
from security_hooks.shell.inline.package_scripts import scripts
from security_hooks.shell.inline.reading import Value
from security_hooks.shell.limits import Budget, ShellLimits

SCRIPTING = ("python", "javascript", "typescript", "perl", "ruby", "php", "lua", "r", "java", "groovy")
OTHERS = ("awk", "sed", "ed", "vim", "sql", "gdb", "applescript", "tcl", "powershell", "make", "socat")
LANGUAGES = SCRIPTING + OTHERS
X = Hole(HoleKind.PARAMETER, "$X")
PIECES = """import os ; os.system( 'a ' " ` ) ( [ ] { } = + . , : -> => :: $x @ % & | > >> < ! # // /* \\ eval exec
open( '/etc/x' require( 'fs' ).then( x => x function def f(x): for in while if lambda * ** 9999999 'a'*99 %s {0}
getattr( __import__( print unlink qx{ %q( <<EOF [[ ]] s/a/b/e !id \\! DROP TABLE"""
FRAGMENTS = st.sampled_from((*PIECES.split(), "\n", " "))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.one_of(FRAGMENTS, st.text(max_size=6), st.just(X)), max_size=24))
def test_no_text_makes_a_reader_raise(language: str, parts: list[str | Hole]) -> None:
    value: Value = tuple(parts)
    inline = read_inline(language, value, Budget(ShellLimits()), "/home/me")
    assert inline is not None
    for source, sink in inline.flows:
        assert source < len(inline.effects) and sink < len(inline.effects)


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet='{}[]":,abtasks \t\n$()%=:#-.\\', max_size=80), name=st.text(max_size=4))
def test_no_text_makes_a_build_file_reader_raise(text: str, name: str) -> None:
    recipes(text, (name,))
    scripts(text, name)


def test_an_unknown_language_is_none() -> None:
    assert read_inline("brainfuck", ("+",), Budget(ShellLimits())) is None


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "(" * 5000 + ")" * 5000),
        ("python", "x = " + "-" * 50000 + "1"),
        ("python", "a" + ".b" * 20000),
        ("python", "f" + "(1)" * 15000),
        ("python", "x = " + "1 if a else " * 4000 + "2"),
        ("python", "+".join(["'a'"] * 15000)),
        ("python", "x = 'a'\n" + "x = x + x\n" * 60 + "import os; os.system(x)"),
        ("python", "x = 'a' * 10 ** 12; y = 9 ** 9 ** 9; z = '{:>999999999}'.format(1); w = '%999999999d' % 1"),
        ("python", "x = 'a' * 60000\ny = x.replace('a', x)\nz = x.join(list(x))"),
        ("python", "def f(): f(); f(); f()\nf()"),
        ("python", "for a in range(99):\n for b in range(99):\n  for c in range(99):\n   x = a + b + c"),
        ("python", "while 1:\n" + "".join(" " * n + "while 1:\n" for n in range(1, 90)) + " " * 90 + "pass"),
        ("python", "exec(" * 60 + "'1'" + ")" * 60),
        ("python", "x = 'exec(x)'\nexec(x)"),
        ("python", "import zlib, base64\nexec(zlib.decompress(base64.b64decode('" + "eJw" * 9000 + "')))"),
        ("javascript", "(" * 20000),
        ("javascript", "a" + ".b" * 20000),
        ("javascript", "+".join(["'a'"] * 15000)),
        ("javascript", "function f() { f(); f() } f()"),
        ("javascript", "[" * 9000 + "]" * 9000),
        ("perl", "(" * 30000),
        ("perl", "system " * 9000),
        ("ruby", '"#{' * 9000),
        ("php", "$a = " * 9000),
        ("java", "{" * 30000),
        ("awk", 'system("' * 7000),
        ("sed", "s/" * 30000),
        ("vim", ":" * 60000),
        ("vim", "silent! " * 8000 + "!id"),
        ("sql", "'" * 60001),
        ("sql", "/*" * 30000),
        ("tcl", "[" * 60000),
        ("powershell", "iex '" * 10000),
        ("applescript", 'do shell script "a" & ' * 2500),
        ("make", "A = $(A)$(A)\nall:\n\techo $(A)\n"),
        ("make", "a" * 65000),
        *((language, "\\" * 65000) for language in LANGUAGES),
        *((language, "\"'`" * 20000) for language in LANGUAGES),
        *((language, "a " * 32000) for language in LANGUAGES),
    ],
)
def test_hostile_code_is_answered_soon(language: str, code: str) -> None:
    before = time.perf_counter()
    assert read_inline(language, (code,), Budget(ShellLimits()), "/home/me") is not None
    assert time.perf_counter() - before < 2


def test_what_is_too_long_or_too_deep_is_over_budget() -> None:
    for code in ("x" * (1 << 17), "[" * 300 + "]" * 300, "-" * 9000 + "1"):
        inline = read_inline("python", (code,), Budget(ShellLimits()))
        assert inline is not None and inline.over_budget


def test_a_program_that_costs_too_much_is_over_budget_and_keeps_what_was_found() -> None:
    code = "import os\nos.system('id')\n" + "for a in range(200):\n  for b in range(200):\n    x = a\n"
    inline = read_inline("python", (code,), Budget(ShellLimits()))
    assert inline is not None and inline.over_budget and inline.shell == (("id",),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_that_begins_with_a_hole_is_not_known(language: str) -> None:
    inline = read_inline(language, (X,), Budget(ShellLimits()))
    assert inline is not None and inline.opaque is Origin.UNKNOWN
