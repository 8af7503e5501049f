import pytest

from security_hooks.model.word import Word
from security_hooks.shell import syntax
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import Tree, parse


def _parse(text: str, limits: ShellLimits | None = None) -> Tree:
    return parse(text, Budget(limits or ShellLimits()), {})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a b", syntax.Simple),
        ("a | b", syntax.Pipeline),
        ("a && b", syntax.Chain),
        ("( a )", syntax.Block),
        ("{ a; }", syntax.Block),
        ("if a; then b; fi", syntax.If),
        ("for x in a; do b; done", syntax.Loop),
        ("for ((;;)); do b; done", syntax.Loop),
        ("select x in a; { b; }", syntax.Loop),
        ("until a; do b; done", syntax.Loop),
        ("case a in b) c;; esac", syntax.Case),
        ("f() { a; }", syntax.Function),
        ("function f { a; }", syntax.Function),
        ("[[ a && ( b || c ) ]]", syntax.Test),
        ("(( a + b ))", syntax.Test),
        ("((a); (b))", syntax.Block),
    ],
)
def test_constructs_are_told_apart(text: str, kind: type) -> None:
    tree = _parse(text)
    assert [type(item) for item in tree.body.items] == [kind]
    assert tree.journal.problem is None


@pytest.mark.parametrize(
    "text",
    [
        "{ { a; } }",
        "if a; then if b; then c; fi fi",
        "case a in (b) c;; esac",
        "case a in b) esac",
        "for x do a; done",
        "for x in a b\ndo c\ndone",
        "a &&\n\n# comment\nb",
        "a |\nb",
        "f()\n{ a; }",
        "[[ a =~ ^(b|c)\\ d$ ]]",
        "[[ -n $a &&\n b == c* ]]",
        "x=(a\nb) c",
        "declare -A x=([a]=b)",
        'echo ${x//"}"/\'}\'} "${x:-\'}"',
        "echo $((1 << 2)) $[1+1] ${#x} ${!x} ${x[@]} $# $$",
        "time ! a",
        "coproc a",
        "a 2>&1 >b <>c >|d &>e {f}>g <<<h",
        "rm !(a|b) @(c) x",
        "a & b & c",
        "while a; do b; done < <(c)",
        "",
        "\n\n# only\n",
    ],
)
def test_valid_bash_is_read_without_a_problem(text: str) -> None:
    assert _parse(text).journal.problem is None


@pytest.mark.parametrize("text", ["'", '"', "`", "$(", "${", "(", "{", "a;;", "a )", "if a", "fi", "a &&", "a |", ">"])
def test_what_bash_refuses_is_a_problem(text: str) -> None:
    assert _parse(text).journal.problem is not None


@pytest.mark.parametrize("opener", ["(", "{ ", "$(", "${a:-", '"$(', "if ", "while ", "case a in b) ", "f() { ", "<("])
def test_nesting_without_end_is_cut_short(opener: str) -> None:
    tree = _parse("a " + opener * 20_000 if opener[0] in '$<"' else opener * 20_000)
    assert tree.journal.budget.over


def test_places_count_from_the_start_of_the_text() -> None:
    pipeline = _parse("a; b | c d").body.items[1]
    assert isinstance(pipeline, syntax.Pipeline)
    last = pipeline.stages[1]
    assert isinstance(last, syntax.Simple)
    assert (last.start, last.end, last.text) == (7, 10, "c d")


@pytest.mark.parametrize(
    "text",
    [
        "a b  c\td",
        "a aa a b",
        "  a b \\\n  c d",
        "a b'c' d e",
        "a b d(e",
        "a b=c - -- [ ] {}",
        "a b>c d e",
        "a b \\\n",
        "a 1 2>f 3",
    ],
)
def test_words_that_stand_for_themselves_keep_their_places(text: str) -> None:
    command = _parse(text).body.items[0]
    assert isinstance(command, syntax.Simple)
    places = [word.span if isinstance(word, Word) else (word.start, word.end) for word in command.words]
    assert [text[start:end].replace("'", "") for start, end in places] == [
        word.literal if isinstance(word, Word) else word.source.replace("'", "") for word in command.words
    ]
    assert places == sorted(set(places))
    assert command.literal == all(isinstance(word, Word) for word in command.words)
