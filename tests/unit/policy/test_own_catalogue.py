"""Catalogue files of the machine and of a person."""

from security_hooks.catalogue.load import load
from security_hooks.model.diagnostic import Level
from security_hooks.policy.own_catalogue import all_of, left_open, read_catalogue, replaced
from security_hooks.policy.source import CatalogueFile

SHIPPED = load({"x.toml": b'schema = 2\n[command.rm]\naliases = ["grm"]\n[command.ls]\n'})


def file(text: str, path: str = "/u/a.toml") -> CatalogueFile:
    return CatalogueFile("user", path, b"schema = 2\n" + text.encode())


def test_a_file_that_is_refused_says_why_and_nothing_else() -> None:
    read = read_catalogue(file("[command.a]\nstops = 1\n[command.b]\n"))
    assert read.catalogue.commands == {}
    (problem,) = read.problems
    assert (problem.file, problem.line, problem.column, problem.code) == ("/u/a.toml", 3, 1, "type")
    assert problem.hint == "write `stops = true`"


def test_later_files_win() -> None:
    files = [file("[command.a]\nstops = true\n"), file("[command.a]\n", "/u/b.toml")]
    assert not all_of(read_catalogue(each).catalogue for each in files).commands["a"].stops
    assert all_of([]).commands == {}


def test_what_is_replaced_is_told_with_its_place() -> None:
    files = [file("[command.mine]\n[command.rm]\n"), file('[command.yours]\naliases = ["mine"]\n', "/u/b.toml")]
    first, second = replaced(files, SHIPPED)
    assert (first.file, first.line, first.code) == ("/u/a.toml", 3, "replaced-command")
    assert first.message == "the entry for `rm` replaces the shipped one, whole"
    assert second.message == "the entry for `mine` replaces that of /u/a.toml, whole"


def test_new_names_replace_nothing() -> None:
    assert list(replaced([file("[command.mine]\n")], SHIPPED)) == []


def test_subcommands_of_which_nothing_is_said_are_told() -> None:
    says_nothing = '[command.mine]\naction = "build"\nsub = { a = {} }\n'
    says_rest = (
        '[command.a]\nsub = { b = {}, "*" = {} }\n[command.b]\nverbs = "service"\nsub = { b = {} }\n[command.c]\n'
    )
    has_family = '[command.d]\naction = "cloud_read"\nsub = { b = {} }\n'
    (problem,) = left_open([file(says_rest + has_family + says_nothing)])
    assert (problem.code, problem.level, problem.line) == ("open-subcommands", Level.WARNING, 11)
