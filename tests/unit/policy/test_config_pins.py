"""`[mcp.servers]`: pins of one layer, and how layers join them."""

import pytest

from security_hooks.model.diagnostic import Level
from security_hooks.model.server import Pin, decode_pin
from security_hooks.policy.config import build_config
from security_hooks.policy.config_pins import read_pins
from security_hooks.policy.config_types import Layer
from security_hooks.service.directories import shipped_dir

KEY = ("mcp", "servers")
DIGEST = "0" * 64


def test_pins_are_read() -> None:
    pins, wrong = read_pins(
        KEY, {"a": {"command": "x", "args": ["y"], "env": ["Z"]}, "b": {"url": "https://e.example/"}}
    )
    assert wrong == []
    assert [decode_pin(pin) for pin in pins] == [
        Pin("a", "x", ("y",), env=("Z",)),
        Pin("b", url="https://e.example/"),
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "`mcp.servers` must be a table, `[mcp.servers.NAME]`"),
        ({"a": 1}, "`mcp.servers.a` must be a table"),
        ({"": {"command": "x"}}, "no name of an MCP server"),
        ({"a/b": {"command": "x"}}, "no name of an MCP server"),
        ({"a": {}}, "either a `command` or a `url`"),
        ({"a": {"command": "x", "url": "y"}}, "either a `command` or a `url`"),
        ({"a": {"command": 1}}, "`mcp.servers.a.command` must be a string"),
        ({"a": {"command": ""}}, "`mcp.servers.a.command` must be a string"),
        ({"a": {"command": "x", "args": "y"}}, "`mcp.servers.a.args` must be a list of strings"),
        ({"a": {"command": "x", "arg": ["y"]}}, "`mcp.servers.a.arg` is not a key"),
        ({"a": {"command": "x", "file": "/f"}}, "`file` and `sha256` together"),
        ({"a": {"command": "x", "file": "f", "sha256": DIGEST}}, "an absolute `file`"),
        ({"a": {"command": "x", "file": "/f", "sha256": "X" * 64}}, "64 hexadecimal digits"),
    ],
)
def test_what_is_no_pin_is_told(table: object, message: str) -> None:
    pins, wrong = read_pins(KEY, table)
    assert pins == ()
    assert message in wrong[0][1]


def layer(name: str, text: str, *, trusted: bool = True) -> Layer:
    return Layer(name, f"{name}.toml", text.encode(), trusted)


def joined(*layers: Layer) -> tuple[tuple[str, ...], dict[str, str]]:
    """The allowed servers and the pinned commands."""
    shipped = Layer("shipped", "config.toml", (shipped_dir() / "config.toml").read_bytes())
    config, diagnostics = build_config((shipped, *layers))
    assert not [found for found in diagnostics if found.level is Level.ERROR]
    pins = [decode_pin(text) for text in config.lists["mcp_pins"]]
    return config.lists["mcp_allowed"], {pin.name: pin.command for pin in pins if pin is not None}


A, B = '[mcp.servers.s]\ncommand = "a"', '[mcp.servers.s]\ncommand = "b"'


def test_shipped_there_are_none() -> None:
    assert joined() == ((), {})


def test_a_later_layer_replaces_adds_and_takes_out() -> None:
    other = '[mcp.servers.t]\ncommand = "t"'
    assert joined(layer("system", A), layer("user", B)) == ((), {"s": "b"})
    assert joined(layer("system", A), layer("user", other)) == ((), {"s": "a", "t": "t"})
    assert joined(layer("system", A), layer("user", '[mcp]\nexclude_servers = ["s"]')) == ((), {})


def test_a_project_that_nobody_trusts_adds_pins_and_changes_none() -> None:
    mine = '[mcp.servers.t]\ncommand = "t"\n' + B
    assert joined(layer("user", A), layer("project", mine, trusted=False))[1] == {"s": "a", "t": "t"}
    out = '[mcp]\nexclude_servers = ["s"]'
    assert joined(layer("user", A), layer("project", out, trusted=False))[1] == {"s": "a"}


def test_a_lock_holds_pins() -> None:
    assert joined(layer("system", 'locked = ["mcp.servers"]\n' + A), layer("user", B))[1] == {"s": "a"}


@pytest.mark.parametrize(
    ("base", "wanted", "expected"),
    [
        ([], ["a"], ("a",)),
        (["a", "b"], ["b", "c"], ("b",)),
        (["a", "b"], ["c"], ("a", "b")),
        (["a"], [], ("a",)),
        (["git*"], ["github", "slack"], ("github",)),
        (["git*"], ["*"], ("git*",)),
    ],
)
def test_a_project_that_nobody_trusts_narrows_what_is_known_and_never_to_none(
    base: list[str], wanted: list[str], expected: tuple[str, ...]
) -> None:
    mine = layer("project", f"[mcp]\nallowed = {wanted}", trusted=False)
    assert joined(layer("user", f"[mcp]\nallowed = {base}"), mine)[0] == expected
