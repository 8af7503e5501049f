"""Layers in, `Config` out: the shipped defaults, and what one layer may say."""

import tomllib

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.diagnostic import Level
from security_hooks.policy.config import Config, Layer, Limits, build_config
from security_hooks.policy.config_rows import Names
from security_hooks.policy.config_schema import ROWS
from security_hooks.service.directories import shipped_dir

SHIPPED = Layer("shipped", "config.toml", (shipped_dir() / "config.toml").read_bytes())


def user(text: str) -> Layer:
    return Layer("user", "user.toml", text.encode())


def test_shipped_configuration_builds_without_a_diagnostic() -> None:
    config, diagnostics = build_config([SHIPPED])
    assert diagnostics == ()
    assert config.limits == Limits()
    assert config.audit == Config().audit
    assert config.mode is Config().mode
    assert config.default_answer is Config().default_answer
    assert config.ask_by_client == {"claude-code": "ask", "gemini-cli": "deny", "codex-cli": "deny"}
    assert config.disabled_rules == frozenset()


def test_shipped_lists_are_filled_and_hold_nothing_twice() -> None:
    table = tomllib.loads(SHIPPED.text.decode())
    for row in ROWS:
        if isinstance(row, Names) and row.list_name:
            section, name = row.path
            entries = table[section][name]
            assert len(entries) == len(set(entries))
            # Whoever has a list of known servers, of hosts for secrets, or a scope, made it.
            own = (("mcp", "allowed"), ("secrets", "trusted_hosts"), ("scope", "paths"), ("scope", "hosts"))
            assert len(entries) > 50 or row.path in own


@pytest.mark.parametrize("program", ["rm", "git", "python3", "cargo", "kubectl", "[", "g++", "security-hooks"])
def test_everyday_programs_are_known_dangerous_ones_included(program: str) -> None:
    config, _ = build_config([SHIPPED])
    assert program in config.lists["allowed_executables"]


def test_what_every_known_program_does_is_in_the_catalogue() -> None:
    # Our own programs are judged by rules of their own. What is not there would be allowed unread.
    config, _ = build_config([SHIPPED])
    known = {*shipped().commands, *shipped().builtins, "security-hooks", "security-hooks-shim"}
    assert set(config.lists["allowed_executables"]) <= known


def test_every_key_of_the_shipped_file_has_a_comment() -> None:
    lines = SHIPPED.text.decode().splitlines()
    for row in ROWS:
        at = next(
            i for i, line in enumerate(lines) if line.startswith((f"{row.path[-1]} = ", f"[{'.'.join(row.path)}]"))
        )
        above = at - 1
        while not lines[above].startswith(("#", "[")):
            assert lines[above], f"{row.path} stands alone"
            above -= 1
        assert lines[above].startswith("#"), row.path


def test_override_form_changes_the_main_list() -> None:
    config, diagnostics = build_config(
        [SHIPPED, user('[executables]\nappend = ["my-custom-tool"]\nexclude = ["curl"]\n[rules]\ndisabled = ["x"]')]
    )
    assert diagnostics == ()
    assert "my-custom-tool" in config.lists["allowed_executables"]
    assert "curl" not in config.lists["allowed_executables"]
    assert config.disabled_rules == {"x"}


def test_own_lists_are_visible_by_name() -> None:
    config, diagnostics = build_config([SHIPPED, user('[lists]\nstaging_hosts = ["a", "b", "a"]')])
    assert diagnostics == ()
    assert config.lists["staging_hosts"] == ("a", "b")


def test_scalars_of_later_layers_win() -> None:
    config, _ = build_config(
        [SHIPPED, user('mode = "observe"\n[limits]\nconcurrent = 8'), user("[limits]\nconcurrent = 9")]
    )
    assert (config.mode, config.limits.concurrent) == ("observe", 9)


def test_any_error_refuses_the_build_whole_and_all_are_collected() -> None:
    config, diagnostics = build_config(
        [SHIPPED, user('mode = "observe"\n[limits]\nconcurrent = "x"\n[foo]\n'), user("x = ")]
    )
    assert config == Config()
    assert [(found.file, found.line, found.code) for found in diagnostics] == [
        ("user.toml", 3, "wrong-value"),
        ("user.toml", 4, "unknown-key"),
        ("user.toml", 1, "syntax"),
    ]


def test_a_key_that_no_layer_sets_is_an_error() -> None:
    _, diagnostics = build_config([user("")])
    assert {found.code for found in diagnostics} == {"missing-key"}
    assert len(diagnostics) == len(ROWS)
    assert all(found.level is Level.ERROR for found in diagnostics)
