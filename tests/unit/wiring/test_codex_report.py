import pytest

from security_hooks.wiring.codex import pinned, wired
from security_hooks.wiring.codex_report import codex_report
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.report import Report, Role, Settings

LINE = HookLine("/opt/security-hooks-shim", "/run/h.sock", "0123abcd")
USER = wired(None, LINE, ("/user.toml",))
MANAGED = pinned(wired(None, LINE, ()))
THEIRS = '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "/bin/true"\n\n'
TERMINAL = USER.replace("unified_exec_tty = false", "unified_exec_tty = true")


def report(**files: str) -> Report:
    return codex_report(tuple(Settings(Role(role), f"/{role}.toml", text) for role, text in files.items()))


def test_installed_settings_are_in_force() -> None:
    assert report(managed=MANAGED).remarks == ()
    assert report(user=USER).remarks == ()


@pytest.mark.parametrize(
    ("files", "mend"),
    [
        ({"user": TERMINAL}, "security-hooks install codex-cli"),
        ({"user": USER.replace("unified_exec_tty = false", "")}, "security-hooks install codex-cli"),
        (
            {"user": USER, "project": "features.unified_exec_tty = true\n"},
            "sudo security-hooks install codex-cli --managed",
        ),
    ],
)
def test_a_terminal_that_the_agent_may_type_into_is_a_warning(files: dict[str, str], mend: str) -> None:
    (remark,) = report(**files).remarks
    assert (remark.state, remark.mend) == ("warning", mend) and "write_stdin" in remark.finding
    assert report(managed=MANAGED, **files).remarks == ()
    assert report(**{**files, "project": "features.unified_exec_tty = false\n", "user": USER}).remarks == ()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no settings file holds our hooks"),
        ({"user": USER + "x"}, "/user.toml:"),
        ({"user": THEIRS + USER}, "not trusted at its place"),
        ({"user": USER.replace("timeout = 600", "timeout = 601")}, "changed after it was trusted"),
        ({"user": USER.replace("timeout = 600", "timeout = 5")}, "a `timeout`"),
        ({"user": USER.replace("timeout = 600", "timeout = 600\nasync = true")}, "`async`"),
        ({"user": USER.replace("[[hooks.PreToolUse]]\n", '[[hooks.PreToolUse]]\nmatcher = "Bash"\n')}, "a `matcher`"),
        ({"user": USER.replace(" || ", " ; ")}, "not wrapped"),
        (
            {"user": USER.replace('trusted_hash = "sha256:', 'enabled = false\ntrusted_hash = "sha256:')},
            "switched off in",
        ),
        ({"user": USER.replace("[features]", "[features]\nhooks = false")}, "/user.toml switches the feature"),
        ({"user": USER, "project": "features.hooks = false\n"}, "/project.toml switches the feature"),
        ({"user": USER.replace("PreToolUse", "Stop").replace("pre_tool_use", "stop")}, "`PreToolUse` is not wired"),
        ({"user": USER, "managed": "allow_managed_hooks_only = true\n"}, "allow managed hooks only"),
        ({"project": wired(None, LINE, ("/project.toml",))}, "repeated in a project's file"),
    ],
)
def test_what_takes_our_hook_out_of_force_is_told(files: dict[str, str], says: str) -> None:
    found = report(**files)
    assert found.hook is None
    assert says in found.why_off()


def test_managed_hooks_alone_are_enough_where_no_others_run() -> None:
    assert report(managed="allow_managed_hooks_only = true\n" + MANAGED, user=USER).remarks == ()


def test_a_pinned_feature_is_switched_off_by_nobody() -> None:
    assert report(managed=MANAGED, user="features.hooks = false\n").hook is not None


def test_trust_goes_by_the_path_that_the_client_knows() -> None:
    found = codex_report((Settings(Role.USER, "/root/below/user.toml", USER, named="/user.toml"),))
    assert found.hook is not None


def test_what_is_missing_or_observing_is_a_warning() -> None:
    few = USER.replace("hooks.SessionEnd", "hooks.Stop")
    assert any("not in force: SessionEnd" in remark.finding for remark in report(user=few).remarks)
    cut = USER.replace("timeout = 3\n", "timeout = 600\n")
    assert any("not in force: SessionEnd" in remark.finding for remark in report(user=cut).remarks)
    watching = wired(None, HookLine("/security-hooks-shim", None, "1", observe=True), ("/user.toml",))
    found = report(user=watching)
    assert found.hook is not None
    assert any("--observe" in remark.finding for remark in found.remarks)


def test_a_file_that_cannot_be_read_is_told() -> None:
    found = codex_report((Settings(Role.USER, "/user.toml", None, "it is no regular file"),))
    assert "no regular file" in found.why_off()
