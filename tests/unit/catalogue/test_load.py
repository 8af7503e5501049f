import tomllib
from pathlib import Path

import pytest

from security_hooks.catalogue.entry import Argument, Kind, Style
from security_hooks.catalogue.load import (
    catalogue_with,
    load,
    merged,
    pack_own,
    place_of,
    shipped,
    shipped_files,
)
from security_hooks.model.diagnostic import PolicyError

HEAD = b"schema = 2\n"


def _problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load({"a.toml": HEAD + text.encode()})
    return [str(diagnostic) for diagnostic in caught.value.diagnostics]


def test_an_entry_is_read_whole() -> None:
    catalogue = load(
        {
            "a.toml": HEAD
            + b"""builtins = ["cd"]
[command.tool]
aliases = ["t"]
style = "long"
kind = "fetcher"
stops = true
options = ["-o -output FILE", "-c [WHEN]", "-v"]
wraps = { skip = 1, keep = true, unless = ["-v"] }
[command.tool.sub.go]
options = ["-x"]
"""
        }
    )
    spec = catalogue.commands["t"]
    assert spec is catalogue.commands["tool"]
    assert (spec.style, spec.kind, spec.stops) == (Style.LONG, Kind.FETCHER, True)
    assert spec.options["-output"].spellings == ("-o", "-output")
    assert [spec.options[name].argument for name in ("-o", "-c", "-v")] == [
        Argument.REQUIRED,
        Argument.OPTIONAL,
        Argument.NONE,
    ]
    assert spec.wraps is not None
    assert (spec.wraps.skip, spec.wraps.keep, spec.wraps.unless) == (1, True, frozenset({"-v"}))
    assert spec.subcommands["go"].options["-x"].argument is Argument.NONE
    assert catalogue.builtins == {"cd"}


def test_settings_variables_and_operands_that_hold_code_are_read() -> None:
    catalogue = load(
        {
            "a.toml": HEAD
            + b"""code_variables = ["RUN"]
[command.tool]
options = ["-o --option TEXT"]
setting = ["--option"]
code_settings = ["Hook.*"]
wraps = { rest = "each" }
"""
        }
    )
    spec = catalogue.commands["tool"]
    assert (spec.setting, spec.code_settings) == (frozenset({"-o"}), ("Hook.*",))
    assert spec.wraps is not None
    assert spec.wraps.rest == "each"
    assert catalogue.code_variables == {"RUN"}


def test_the_later_file_holds() -> None:
    first = HEAD + b'[command.a]\noptions = ["-x"]\n'
    second = HEAD + b'[command.a]\noptions = ["-y"]\n'
    assert list(load({"1.toml": first, "2.toml": second}).commands["a"].options) == ["-y"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[command.a]\noption = []\n", "a.toml:3:1: `option` is not a key here; did you mean `options`? [unknown-key]"),
        (
            '[command.a]\noptions = [\n  "-x",\n  "x y",\n]\n',
            "a.toml:5:3: `x y` does not read as an option; spellings, then `VALUE`, `[VALUE]` or nothing,"
            " a role before it: `-o --output write:FILE` [option]",
        ),
        (
            '[command.a]\noptions = ["-x", "-y -x"]\n',
            "a.toml:3:18: `-x` is there twice; an option belongs to one entry [option]",
        ),
        (
            '[command.a]\nwraps = { unless = ["-x"] }\n',
            "a.toml:3:21: `-x` is not among this command's options; add it there [unknown-option]",
        ),
        (
            "[command.a]\nwraps = { skipp = 1 }\n",
            "a.toml:3:11: `skipp` is not a key here; did you mean `skip`? [unknown-key]",
        ),
        ('[command.a]\nwraps = { rest = "all" }\n', "a.toml:3:11: `all` is no way to read the rest; `words`, `code`"),
        ("[command.a]\nwraps = { skip = -1 }\n", "a.toml:3:11: `skip` is not a count; write `skip = 1` [type]"),
        ("[command.a]\nwraps = 1\n", "a.toml:3:1: `wraps` is not a table"),
        ('[command.a]\nstyle = "gnuu"\n', "a.toml:3:1: `gnuu` is no style; one of `gnu`, `long`, `tar`, `plain`"),
        ("[command.a]\nstops = 1\n", "a.toml:3:1: `stops` is neither true nor false; write `stops = true` [type]"),
        ("[command.a]\naliases = [1]\n", "a.toml:3:1: `aliases` is not a list of strings"),
        ("[command.a]\nsub = 1\n", "a.toml:3:1: `sub` is not a table"),
        ("[command.a.sub.b]\nstop = true\n", "a.toml:3:1: `stop` is not a key here; did you mean `stops`?"),
        ("[command]\na = 1\n", "a.toml:3:1: `a` is not a table; write `[command.a]` [type]"),
        ("command = 1\n", "a.toml:2:1: `command` is not a table; write `[command.NAME]` [type]"),
        ("commands = 1\n", "a.toml:2:1: `commands` is not a key here; did you mean `command`? [unknown-key]"),
        ("[command.a\n", "a.toml:2:11: "),
        (
            '[command.a]\naliases = ["b"]\n[command.b]\n',
            "a.toml:3:12: `b` has an entry of its own; take it off this list [alias]",
        ),
        (
            '[command.a]\naliases = ["x"]\n[command.b]\naliases = ["x"]\n',
            "a.toml:5:12: `x` is another name of `a` already; take it off this list [alias]",
        ),
        ('[command.a]\naliases = ["a"]\n', "a.toml:3:12: `a` has an entry of its own"),
        (
            '[command.a.sub.b]\naliases = ["c"]\n[command.a.sub.c]\nstops = true\n',
            "a.toml:3:12: `c` has an entry of its own",
        ),
    ],
)
def test_mistakes_are_reported_with_their_place(text: str, problem: str) -> None:
    (found,) = _problems(text)
    assert found.startswith(problem)


def test_every_mistake_is_reported() -> None:
    assert len(_problems("[command.a]\nstyle = 1\n[command.b]\nkind = 2\nother = 3\n")) == 3


@pytest.mark.parametrize("content", [b"", b"schema = 1\n", b"[command.a]\n"])
def test_another_schema_is_refused(content: bytes) -> None:
    with pytest.raises(PolicyError, match="schema = 2"):
        load({"a.toml": content})


def test_a_file_that_is_not_text_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"a\.toml:2:0: the file is not UTF-8"):
        load({"a.toml": HEAD + b"\xff"})


@pytest.mark.parametrize("text", ["[command.a" + ".sub.b" * 200 + "]\nstops = true\n", "a = " + "[" * 100_000])
def test_nesting_without_end_is_refused(text: str) -> None:
    assert "nested too deeply" in _problems(text)[0]


def test_the_shipped_catalogue_loads_and_no_name_is_in_two_files() -> None:
    seen: dict[str, str] = {}
    for name, content in shipped_files().items():
        for command in load({name: content}).commands:
            assert command not in seen, f"{command} is in {seen[command]} and {name}"
            seen[command] = name
    assert set(seen) == set(shipped().commands)


def test_the_shipped_files_say_the_name_of_a_command_once() -> None:
    for name, content in shipped_files().items():
        catalogue = load({name: content})
        for known, spec in catalogue.commands.items():
            # An alias that another entry of the file claims would hide it.
            assert known == spec.name or known not in {other.name for other in catalogue.commands.values()}, known


def test_a_later_entry_replaces_the_whole_one_of_its_name() -> None:
    first = HEAD + b'[command.a]\naliases = ["b", "c"]\n'
    commands = load({"1.toml": first, "2.toml": HEAD + b'[command.a]\naliases = ["c"]\n'}).commands
    assert set(commands) == {"a", "c"}
    assert commands["c"] is commands["a"]


def test_a_later_entry_takes_only_the_name_of_what_has_it_as_another_name() -> None:
    first = HEAD + b'[command.a]\naliases = ["b", "c"]\n'
    commands = load({"1.toml": first, "2.toml": HEAD + b"[command.b]\n"}).commands
    assert {name: spec.name for name, spec in commands.items()} == {"a": "a", "c": "a", "b": "b"}
    assert commands["a"].aliases == ("c",)


def test_merging_leaves_both_as_they_were() -> None:
    below = load({"1.toml": HEAD + b'builtins = ["x"]\n[command.a]\naliases = ["b"]\n[command.c]\n'})
    above = load({"2.toml": HEAD + b'builtins = ["y"]\n[command.a]\nstops = true\n'})
    both = merged(below, above)
    assert (set(both.commands), both.builtins) == ({"a", "c"}, frozenset({"x", "y"}))
    assert both.commands["a"].stops
    assert set(below.commands) == {"a", "b", "c"}
    assert not below.commands["a"].stops


def test_without_entries_of_ones_own_the_shipped_catalogue_itself_is_used() -> None:
    assert pack_own(load({})) == b""
    assert catalogue_with(b"") is shipped()


def test_ones_own_entries_travel_without_the_shipped_ones() -> None:
    packed = pack_own(load({"a.toml": HEAD + b'[command.frob]\nsummary = "mine"\n[command.rm]\n'}))
    assert len(packed) < 500
    catalogue = catalogue_with(packed)
    assert catalogue_with(bytes(packed)) is catalogue
    assert catalogue.commands["frob"].summary == "mine"
    assert catalogue.commands["rm"].action is None
    assert catalogue.commands["ls"] == shipped().commands["ls"]


def test_what_another_version_packed_is_refused() -> None:
    with pytest.raises(PolicyError, match="restart the daemon"):
        catalogue_with(b"\x93\x00\xa0\x91\x80")


def test_the_place_of_an_entry_is_that_of_its_header() -> None:
    assert place_of("a.toml", HEAD + b'[command.a]\n\n[command."b.c"]\nstops = true\n', "b.c") == (4, 1)


def test_every_shipped_command_is_a_known_program() -> None:
    config = tomllib.loads((Path(__file__).parents[3] / "config.toml").read_text())
    catalogue = shipped()
    # What the shell itself answers to is known without standing there.
    missing = set(catalogue.commands) - catalogue.builtins - set(config["executables"]["allowed"])
    assert missing == set(), "write them there: .ci/allowed"


@pytest.mark.parametrize(
    ("entry", "gathers"),
    [
        ('operands = ["read:FILE...", "write:PLACE"]', True),
        ('operands = ["read:FILE..."]\noptions = ["-t write:DIR"]', True),
        ('operands = ["read:FILE..."]\noptions = ["-o write:FILE"]', False),
        ('operands = ["read:FILE", "write:PLACE"]', False),
        ('options = ["-t write:DIR"]', False),
    ],
)
def test_a_command_gathers_where_it_takes_any_number_of_files_to_a_place(entry: str, gathers: bool) -> None:
    catalogue = load({"a.toml": f"schema = 2\n[command.x]\n{entry}\n".encode()})
    assert catalogue.commands["x"].gathers is gathers
