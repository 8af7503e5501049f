"""Layers folded: order, locks, distrust, and where each value came from."""

import pytest

from security_hooks.model.diagnostic import Level
from security_hooks.policy.config_layers import fold_layers
from security_hooks.policy.config_rows import Key, Value
from security_hooks.policy.config_types import Layer
from security_hooks.service.directories import shipped_dir

SHIPPED = Layer("shipped", "config.toml", (shipped_dir() / "config.toml").read_bytes())
ALLOWED: Key = ("executables", "allowed")


def layer(name: str, text: str, trusted: bool = True) -> Layer:
    return Layer(name, f"{name}.toml", text.encode(), trusted)


def folded(*layers: Layer) -> tuple[dict[Key, Value], list[str]]:
    effective, diagnostics = fold_layers([SHIPPED, *layers])
    assert all(found.level is Level.WARNING for found in diagnostics), diagnostics
    return effective.values, [f"{found.file}:{found.line}:{found.code}" for found in diagnostics]


def entries(value: Value) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


def test_whole_list_then_exclude_then_append_within_one_layer() -> None:
    values, found = folded(
        layer("user", "[executables]\nappend = ['c']\nexclude = ['a']\nallowed = ['a', 'b']"),
        layer("user", "[executables]\nexclude = ['c']\nappend = ['d']"),
    )
    assert values[ALLOWED] == ("b", "d")
    assert found == []


def test_disabled_adds_up_and_can_be_taken_back() -> None:
    values, found = folded(
        layer("system", "[rules]\ndisabled = ['a', 'b']"),
        layer("user", "[rules]\ndisabled = ['c']\nexclude_disabled = ['a', 'z']"),
    )
    assert values["rules", "disabled"] == ("b", "c")
    assert found == ["user.toml:3:unknown-name"]


def test_lists_nobody_made_are_warned_about_and_appending_makes_them() -> None:
    values, found = folded(layer("user", "[lists]\nappend_own = ['a']"))
    assert values["lists", "own"] == ("a",)
    assert found == ["user.toml:2:unknown-list"]


def test_origins_name_the_layers_that_shaped_a_value() -> None:
    effective, _ = fold_layers(
        [SHIPPED, layer("system", "mode = 'enforce'"), layer("user", "[executables]\nappend = ['my-own-tool']\n")]
    )
    assert effective.origins["mode",] == ("config.toml",)
    assert effective.origins[ALLOWED] == ("config.toml", "user.toml")


LOCKED = """
locked = ["mode", "executables.allowed", "paths.sensitive", "limits.script_nodes", "audit.content", "lists.own"]
[lists]
own = ["a"]
"""


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("mode = 'observe'", ("mode",), "enforce"),
        ("[executables]\nappend = ['zz']", ALLOWED, None),
        ("[executables]\nallowed = ['zz', 'git']", ALLOWED, ("git",)),
        ("[paths]\nsensitive = []", ("paths", "sensitive"), None),
        ("[limits]\nscript_nodes = 999999", ("limits", "script_nodes"), 10000),
        ("[audit]\ncontent = 'structure'", ("audit", "content"), "full"),
        ("[lists]\nown = ['b']", ("lists", "own"), ("a",)),
        ("[lists]\nappend_own = ['b']", ("lists", "own"), ("a",)),
    ],
)
@pytest.mark.parametrize("name", ["user", "project"])
def test_lock_lets_no_later_layer_loosen(text: str, key: Key, expected: Value | None, name: str) -> None:
    values, found = folded(layer("system", LOCKED), layer(name, text))
    assert values[key] == (folded()[0][key] if expected is None else expected)
    assert len(found) == 1
    assert found[0].endswith((":locked", ":not-for-projects"))


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[executables]\nexclude = ['git']", ALLOWED, None),
        ("[limits]\nscript_nodes = 1000", ("limits", "script_nodes"), 1000),
        ("[paths]\nappend = ['/x']", ("paths", "sensitive"), None),
    ],
)
def test_lock_lets_later_layers_tighten(text: str, key: Key, expected: Value | None) -> None:
    values, found = folded(layer("system", LOCKED), layer("user", text))
    assert found == []
    assert values[key] != folded()[0][key]
    assert expected in (None, values[key])


def test_lock_holds_what_the_system_layers_agreed_on() -> None:
    values, found = folded(
        layer("system", "locked = ['mode']\nmode = 'observe'"),
        Layer("system", "local.toml", b"mode = 'enforce'"),
        layer("user", "mode = 'observe'"),
    )
    assert values["mode",] == "enforce"
    assert found == ["user.toml:1:locked"]


@pytest.mark.parametrize("word", ["mod", "executables", "lists.none", "executables.append", ""])
def test_locking_what_is_no_key_is_an_error(word: str) -> None:
    _, diagnostics = fold_layers([SHIPPED, layer("system", f"locked = ['mode', '{word}']")])
    assert [(found.line, found.column, found.level) for found in diagnostics] == [(1, 19, Level.ERROR)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mode = 'observe'", "untrusted"),
        ("[verdict]\ndefault = 'approve'", "untrusted"),
        ("[executables]\nappend = ['zz']", "untrusted"),
        ("[secrets]\nenv_vars = []", "untrusted"),
        ("[paths]\nexclude = ['/etc/shadow']", "untrusted"),
        ("[rules]\ndisabled = ['x']", "untrusted"),
        ("[limits]\nscript_bytes = 4000000", "untrusted"),
        ("[limits]\nconcurrent = 1", "not-for-projects"),
        ("[audit]\non_failure = 'continue'", "not-for-projects"),
        ("[lists]\nown = ['x']", "not-for-projects"),
        ("locked = ['mode']", "lock-ignored"),
    ],
)
def test_untrusted_project_changes_nothing_by_loosening(text: str, code: str) -> None:
    values, found = folded(layer("project", text, trusted=False))
    assert values == folded()[0]
    assert [line.rsplit(":", 1)[1] for line in found] == [code]


def test_untrusted_project_tightens() -> None:
    text = """
    mode = "enforce"
    verdict.default = "ask"
    executables.exclude = ["curl"]
    secrets.append = ["MINE"]
    rules.exclude_disabled = ["git-clean"]
    clients.claude-code.ask = "deny"
    limits.script_depth = 20
    """
    user = layer("user", "mode = 'observe'\nrules.disabled = ['git-clean']")
    values, found = folded(user, layer("project", text, trusted=False))
    assert found == []
    assert values["mode",] == "enforce"
    assert values["verdict", "default"] == "ask"
    assert "curl" not in entries(values[ALLOWED])
    assert "MINE" in entries(values["secrets", "env_vars"])
    assert values["rules", "disabled"] == ()
    assert values["clients", "claude-code", "ask"] == "deny"
    assert values["limits", "script_depth"] == 20


def test_trusted_project_loosens_but_never_what_has_no_direction() -> None:
    values, found = folded(layer("project", "[executables]\nappend = ['zz']\n[limits]\nconcurrent = 1"))
    assert "zz" in entries(values[ALLOWED])
    assert values["limits", "concurrent"] == 64
    assert found == ["project.toml:4:not-for-projects"]


def test_refusal_names_what_was_ignored_and_how_to_trust() -> None:
    text = "[executables]\nappend = ['q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'q7']"
    _, diagnostics = fold_layers([SHIPPED, layer("project", text, trusted=False)])
    assert "ignored: `q1`, `q2`, `q3`, `q4`, `q5` and 2 more" in diagnostics[0].message
    assert "security-hooks trust" in diagnostics[0].hint
