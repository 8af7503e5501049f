"""Whatever the bytes are: diagnostics and nothing else, with places that are in the text."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.model.diagnostic import Level
from security_hooks.policy.config import Config, Layer, build_config
from security_hooks.policy.config_edit import add_names, remove_names
from security_hooks.policy.config_read import dotted, read_layer
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import row_of
from security_hooks.policy.toml_places import KeyPath, places
from security_hooks.policy.trust import parse_store
from security_hooks.service.directories import shipped_dir

SHIPPED = Layer("shipped", "config.toml", (shipped_dir() / "config.toml").read_bytes())

FRAGMENTS = st.sampled_from(
    ["[", "]", "[[", "{", "}", '"', "'", '"""', "'''", "\\", "=", ".", ",", "#", "\n", "\r\n", " ", "\t", "é", "\x00"]
    + ["mode", "executables", "append", "exclude", "allowed", "lists", "rules", "disabled", "limits", "locked", "x"]
    + ["1", "-1", "1e9", "true", "nan", "0x1f", "1979-05-27", "1979-05-27 07:32:00", '"git"', "'a'", "\\u0041"]
)
TEXTS = st.lists(FRAGMENTS, max_size=30).map("".join)
NAMES = st.sampled_from(["system", "user", "project"])


@given(st.binary(max_size=200) | TEXTS.map(str.encode), NAMES, st.booleans())
@settings(max_examples=500)
def test_random_bytes_give_diagnostics_and_nothing_else(text: bytes, name: str, trusted: bool) -> None:
    config, diagnostics = build_config([SHIPPED, Layer(name, "file", text, trusted)])
    lines = text.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    for found in diagnostics:
        assert found.message and found.code
        assert str(found).isprintable()
        if found.line:
            assert found.line <= len(lines)
            assert 1 <= found.column <= len(lines[found.line - 1]) + 2
    if any(found.level is Level.ERROR for found in diagnostics):
        assert config == Config()


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=5) | st.sampled_from(["a", "b-c", ""])
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def basic(text: str) -> str:
    return (
        '"' + "".join(f"\\U{ord(char):08X}" if char in '"\\' or not char.isprintable() else char for char in text) + '"'
    )


def inline(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return basic(value)
        case list():
            return "[" + ",\n".join(map(inline, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{basic(key)} = {inline(inner)}" for key, inner in value.items()) + "}"
    raise AssertionError(value)


def key_paths(value: object, path: KeyPath = ()) -> list[KeyPath]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += key_paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += key_paths(inner, (*path, index))
    return found


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, VALUES, max_size=3))
@settings(max_examples=300)
def test_every_key_and_element_of_a_sound_text_has_its_place(top: dict[str, object], table: dict[str, object]) -> None:
    document: dict[str, object] = {**top, "the table": table}
    lines = [f"{basic(key)} = {inline(value)} # x = [1" for key, value in top.items() if key != "the table"]
    lines += ["['the table']", *(f"{basic(key)} = {inline(value)}" for key, value in table.items())]
    text = "\n".join(lines) + "\n"
    assert tomllib.loads(text) == document
    known = places(text)
    shown = text.split("\n")
    assert set(key_paths(document)) == set(known)
    for path, (line, column) in known.items():
        rest = shown[line - 1][column - 1 :]
        if path == ("the table",):
            assert rest.startswith("'the table'")
        elif isinstance(path[-1], str):
            assert rest.startswith(basic(path[-1]))
        else:
            value: object = document
            for part in path:
                value = value[part]  # type: ignore[index]  # the path was made from this very document
            assert rest.startswith(inline(value).split("\n")[0])


EDITED = st.sampled_from(["executables.allowed", "rules.disabled", "lists.own"])
ENTRIES = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3)


@given(
    EDITED,
    st.lists(st.tuples(st.booleans(), ENTRIES), min_size=1, max_size=5),
    st.frozensets(st.sampled_from(["a", "b"])),
    st.sampled_from(["", "# mine\n", "[executables] # x\nappend = [\n  'a', # why\n]\n", "lists = {own = ['a']}\n"]),
)
@settings(max_examples=200, deadline=None)
def test_edits_do_what_they_say_and_stay_sound(
    word: str, steps: list[tuple[bool, list[str]]], inherited: frozenset[str], text: str
) -> None:
    row = row_of(tuple(word.split(".")))
    assert isinstance(row, Names)
    base = Layer("system", "system", f"[{row.path[0]}]\n{row.path[1]} = {sorted(inherited)}\n".encode())
    known = inherited if inherited or row.path[0] != "lists" else frozenset[str]()
    layers = [SHIPPED, base] if known or row.path[0] != "lists" else [SHIPPED]
    for is_addition, names in steps:
        work = add_names if is_addition else remove_names
        text = work(text, "mine", row, names, known)
        edits, diagnostics = read_layer(Layer("user", "mine", text.encode()))
        assert diagnostics == (), (dotted(row.path), text)
        config, _ = build_config([*layers, edits.layer])
        entries = config.disabled_rules if row.adds else config.lists.get(row.list_name, ())
        for name in names:
            assert (name in entries) is is_addition, text
    assert ("# mine" in text) or not text.startswith("# mine")


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_random_trust_store_never_trusts(text: bytes) -> None:
    store, diagnostics = parse_store(text, "trust.json")
    assert not store.projects
    assert diagnostics
