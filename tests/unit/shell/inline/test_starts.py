import pytest

from security_hooks.shell.inline import read_unknown
from security_hooks.shell.inline.reading import Inline
from security_hooks.shell.limits import Budget, ShellLimits


def read(language: str, code: str) -> Inline:
    return read_unknown(language, (code,), Budget(ShellLimits()))


def shells(language: str, code: str) -> list[str]:
    return ["".join(str(part) for part in text) for text in read(language, code).shell]


def argvs(language: str, code: str) -> list[list[str]]:
    return [["".join(str(part) for part in word) for word in words] for words in read(language, code).argvs]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("octave", "x = 1; system('wipe this')"),
        ("erlang", 'os:cmd("wipe this"), halt().'),
        ("ocaml", 'ignore (Sys.command "wipe this")'),
        ("haskell", 'System.Process.callCommand "wipe this"'),
        ("elisp", '(shell-command "wipe this")'),
        ("scheme", '(begin (system "wipe this"))'),
        ("julia", "run(`wipe this`)"),
        ("lisp", '(uiop:run-program "wipe this" :output t)'),
        ("lldb", "platform shell wipe this"),
        ("rpm", "a %(wipe this) b"),
        ("elvish", "wipe this"),
    ],
)
def test_shell_texts_are_found_in_languages_without_a_reader(language: str, code: str) -> None:
    assert shells(language, code) == ["wipe this"]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("elixir", 'System.cmd("wipe", ["this", "that"])'),
        ("clojure", '(clojure.java.shell/sh "wipe" "this" "that")'),
        ("haskell", 'callProcess "wipe" ["this", "that"]'),
        ("lisp", '(uiop:run-program (list "x"))(run-program "wipe" (\'("this" "that")))'),
    ],
)
def test_programs_with_their_words_are_found(language: str, code: str) -> None:
    assert [words[0] for words in argvs(language, code)][-1:] == ["wipe"]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("octave", 'filesystem("wipe this")'),
        ("elixir", 'Repo.exec("delete this")'),
        ("dart", 'db.exec("delete this")'),
        ("julia", "run(command)"),
        ("rpm", "%{_topdir}"),
        ("scheme", '(display "system of things")'),
        ("nim", "shell = 3"),
    ],
)
def test_what_only_looks_alike_starts_nothing(language: str, code: str) -> None:
    inline = read(language, code)
    assert (inline.shell, inline.argvs) == ((), ())


def test_paths_are_still_mentioned() -> None:
    assert [effect.target for effect in read("nim", 'readFile("/a/b")').effects] == [("/a/b",)]


@pytest.mark.parametrize(
    "code", ["system.a" * 9000, "%(" * 30_000, "sh " * 20_000, '"' * 60_000, "run-program(" * 5000]
)
def test_hostile_text_is_read_once(code: str) -> None:
    assert read("rpm", code).argvs == ()
