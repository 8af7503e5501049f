import tomllib

import pytest

from security_hooks.wiring import codex
from security_hooks.wiring.json_text import TextError
from security_hooks.wiring.line import HookLine

LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "0123abcd", timeout="/usr/bin/timeout")
PATH = "/home/dev/.codex/config.toml"


def test_a_hash_is_of_what_was_reviewed_with_the_clients_own_defaults() -> None:
    handler: dict[str, object] = {"type": "command", "command": "/bin/true", "timeout": 10}
    assert codex.trust_hash("PreToolUse", handler) == codex.trust_hash("PreToolUse", {**handler, "async": False})
    assert codex.trust_hash("PreToolUse", handler) != codex.trust_hash("PostToolUse", handler)
    assert codex.trust_hash("SessionEnd", {"command": "x"}) == codex.trust_hash(
        "SessionEnd", {"command": "x", "timeout": 1}
    )
    assert codex.trust_hash("PreToolUse", {"command": "x"}) == codex.trust_hash(
        "PreToolUse", {"command": "x", "timeout": 600}
    )


def test_trust_names_the_place_behind_other_peoples_groups() -> None:
    before = '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "/bin/true"\n'
    state = tomllib.loads(codex.wired(before, LINE, (PATH,)))["hooks"]["state"]
    assert f"{PATH}:pre_tool_use:1:0" in state
    assert f"{PATH}:session_start:0:0" in state


def test_a_group_put_before_ours_is_mended_by_installing_again() -> None:
    made = codex.wired(None, LINE, (PATH,))
    moved = '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "/bin/true"\n\n' + made
    again = codex.wired(moved, LINE, (PATH,))
    assert f"{PATH}:pre_tool_use:1:0" in tomllib.loads(again)["hooks"]["state"]
    assert f"{PATH}:pre_tool_use:0:0" not in tomllib.loads(again)["hooks"]["state"]
    assert codex.wired(again, LINE, (PATH,)) == again


def test_managed_hooks_need_no_trust_and_pin_what_could_switch_them_off() -> None:
    data = tomllib.loads(codex.pinned(codex.wired(None, LINE, ())))
    assert "state" not in data["hooks"]
    assert data["features"] == {"hooks": True, "unified_exec_tty": False}


@pytest.mark.parametrize("text", ["hooks = {}\n", "[hooks]\nPreToolUse = []\n", 'hooks = "x"\n'])
def test_a_form_that_nothing_can_be_put_behind_is_refused(text: str) -> None:
    with pytest.raises(TextError, match=r"cannot|form"):
        codex.wired(text, LINE, (PATH,))


@pytest.mark.parametrize("text", ["features = 1\n", "features = []\n"])
def test_features_of_another_type_are_refused(text: str) -> None:
    with pytest.raises(TextError, match="`features` cannot be edited"):
        codex.pinned(text)


def test_a_hook_of_ours_among_others_in_one_group_comes_out_alone() -> None:
    hook = '[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "{}"\n'
    text = (
        '[[hooks.Stop]]\nmatcher = "x"\n' + hook.format("/bin/true") + hook.format("/o/security-hooks-shim codex-cli")
    )
    left = codex.unwired(text)
    assert left == '[[hooks.Stop]]\nmatcher = "x"\n' + hook.format("/bin/true")


def test_ours_in_a_form_that_we_do_not_write_is_refused() -> None:
    text = '[hooks]\nStop = [{hooks = [{type = "command", command = "/o/security-hooks-shim"}]}]\n'
    with pytest.raises(TextError, match="not written as we write them"):
        codex.unwired(text)


def test_pins_alone_are_nothing_worth_keeping_and_others_stay() -> None:
    made = codex.pinned(codex.wired(None, LINE, ()))
    assert codex.without_pins(made) is None
    assert codex.without_pins(made.replace("[features]\n", "[features]\nx = 1\n")) is not None
