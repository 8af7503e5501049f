import pytest

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.word import Word
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.unwrap import Invocation, peel, program_name


def _peel(catalogue: Catalogue, text: str, nodes: int = 10_000) -> list[Invocation]:
    words = tuple(Word((part,), (0, 0), part) for part in text.split())
    return peel(words, catalogue, Budget(ShellLimits(nodes=nodes)))


def _shown(invocation: Invocation) -> str:
    return " ".join(word.literal or "?" for word in invocation.words)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("sudo -u root env A=b nice -n 5 rm x", "rm x"),
        ("timeout 5 rm x", "rm x"),
        ("env -i rm x", "rm x"),
        ("nohup setsid stdbuf -oL rm x", "rm x"),
        ("xargs -0 rm", "rm ?"),
        ("kubectl exec p -- rm x", "rm x"),
        ("docker exec -it c rm x", "rm x"),
        ("busybox rm x", "rm x"),
        ("sudo -l", "sudo -l"),
        ("command -v rm", "command -v rm"),
        ("env", "env"),
    ],
)
def test_the_innermost_command_is_found(catalogue: Catalogue, text: str, inner: str) -> None:
    assert _shown(_peel(catalogue, text)[-1]) == inner


def test_an_unknown_option_leaves_both_readings(catalogue: Catalogue) -> None:
    assert [_shown(found) for found in _peel(catalogue, "sudo --odd value rm x")][1:] == ["value rm x", "rm x"]


def test_find_runs_each_of_its_commands(catalogue: Catalogue) -> None:
    found = _peel(catalogue, "find a -exec ls {} ; -exec rm -r {} +")
    assert [invocation.program for invocation in found] == ["find", "ls", "rm"]
    assert [wrapper.program for wrapper in found[2].wrappers] == ["find"]


def test_wrappers_are_listed_outermost_first_with_their_own_words(catalogue: Catalogue) -> None:
    wrappers = _peel(catalogue, "sudo -n env A=b rm x")[-1].wrappers
    assert [(w.program, len(w.words)) for w in wrappers] == [("sudo", 2), ("env", 2)]


def test_past_the_budget_the_rest_is_kept_as_it_stands(catalogue: Catalogue) -> None:
    found = _peel(catalogue, "sudo " * 50 + "rm x", nodes=20)
    assert found[-1].emitted
    assert found[-1].words[-2].literal == "rm"


@pytest.mark.parametrize(("written", "name"), [("/bin/rm", "rm"), ("./a.sh", "a.sh"), ("rm", "rm"), ("a/", "a/")])
def test_a_program_is_known_by_its_base_name(written: str, name: str) -> None:
    assert program_name(Word((written,), (0, 0), written)) == name


def test_an_address_that_git_runs_is_run(catalogue: Catalogue) -> None:
    words = [Word((text,), (0, 0), text) for text in ("git", "clone", "ext::sh -c rm% x", "y")]
    found = peel(tuple(words), catalogue, Budget(ShellLimits()))
    assert [code[0].literal for code in found[-1].codes] == ["sh -c 'rm x'"]
