from security_hooks.catalogue.compiled import digest_of, pack, unpack
from security_hooks.catalogue.load import load, shipped_files

FILES = {
    "a.toml": b"""
schema = 2
builtins = ["cd"]
code_variables = ["PAGER"]
[command.rm]
aliases = ["grm"]
options = ["-r -R --recursive", "-o --out write:FILE"]
operands = ["delete:FILE..."]
recursive = ["-R"]
variants = [{ with = ["-r"], action = "filesystem_delete", roles = { "--out" = "read" } }]
[command.git.sub.push]
aliases = ["p"]
options = ["--force -f"]
"""
}


def test_what_is_packed_is_unpacked_the_same() -> None:
    catalogue = load(FILES)
    again = unpack(pack(catalogue, "d"), "d")
    assert again == catalogue
    assert again is not None
    assert again.commands["grm"] is again.commands["rm"]
    assert again.commands["git"].subcommands["p"].options["-f"].spellings == ("--force", "-f")


def test_the_shipped_catalogue_is_unpacked_the_same() -> None:
    files = shipped_files()
    catalogue = load(files)
    assert unpack(pack(catalogue, digest_of(files)), digest_of(files)) == catalogue


def test_data_of_other_files_is_not_used() -> None:
    assert unpack(pack(load(FILES), digest_of(FILES)), digest_of({"a.toml": FILES["a.toml"] + b"\n"})) is None


def test_broken_data_is_not_used() -> None:
    packed = pack(load(FILES), "d")
    assert unpack(packed[:-3], "d") is None
    assert unpack(b"", "d") is None


def test_entries_of_later_files_that_take_names_are_unpacked_the_same() -> None:
    first = b'schema = 2\n[command.a]\naliases = ["b", "c"]\n[command.d]\noptions = ["-x"]\n'
    second = b'schema = 2\n[command.c]\naliases = ["d"]\n'
    catalogue = load({"1.toml": first, "2.toml": second})
    assert unpack(pack(catalogue, "d"), "d") == catalogue
