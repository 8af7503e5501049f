import pytest

from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import parse
from security_hooks.shell.syntax import Parameter, Piece, RawWord, Simple, Text


def _pieces(word: str) -> tuple[Piece, ...]:
    """The pieces of the word behind a program, which is not read as one literal."""
    command = parse(f"a {word}", Budget(ShellLimits()), {}).body.items[0]
    assert isinstance(command, Simple)
    read = command.words[1]
    assert isinstance(read, RawWord)
    return read.pieces


def _name(name: str, source: str, *, quoted: bool) -> Parameter:
    return Parameter(name, "", (), quoted, source)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("b$x", (Text("b", quoted=False), _name("x", "$x", quoted=False))),
        ('"$x"', (Text("", quoted=True), _name("x", "$x", quoted=True))),
        (
            '"b ${x}/c"d',
            (
                Text("", quoted=True),
                Text("b ", quoted=True),
                _name("x", "${x}", quoted=True),
                Text("/c", quoted=True),
                Text("d", quoted=False),
            ),
        ),
        ('"$@"', (_name("@", "$@", quoted=True),)),
        ("b\\ c", (Text("b", quoted=False), Text(" ", quoted=True), Text("c", quoted=False))),
        ("'b'$x", (Text("b", quoted=True), _name("x", "$x", quoted=False))),
    ],
)
def test_names_quotes_and_escapes_become_pieces(word: str, pieces: tuple[Piece, ...]) -> None:
    assert _pieces(word) == pieces


@pytest.mark.parametrize(
    "word",
    [
        '"b $x"',
        '"b${x}"c',
        "'b'$x",
        "b\\ c",
        '"$x"\'y\'"$z"',
        '""$x',
        '"$x$y"',
        '"b\nc$x"',
        "$x/*",
        '"$1$x"',
        "b\\\nc$x",
    ],
)
def test_a_word_reads_alike_whether_or_not_something_nests_behind_it(word: str) -> None:
    assert _pieces(f"{word}$(c)")[:-1] == _pieces(word)


@pytest.mark.parametrize("nodes", range(3, 12))
def test_a_word_cut_short_by_the_limit_is_over_budget_and_ends_the_text(nodes: int) -> None:
    budget = Budget(ShellLimits(nodes=nodes))
    tree = parse('a "$b$c$d$e$f$g$h$i$j" c; d', budget, {})
    assert budget.over
    assert len(tree.body.items) == 1
