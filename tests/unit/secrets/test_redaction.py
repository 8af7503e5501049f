from security_hooks.secrets.redaction import without_secrets

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"


def test_a_secret_is_replaced_by_its_kind() -> None:
    assert without_secrets(f"git clone {TOKEN}") == "git clone [REDACTED:github-token]"


def test_doing_it_again_changes_nothing() -> None:
    once = without_secrets(f"a {TOKEN} b {TOKEN}")
    assert TOKEN not in once
    assert without_secrets(once) == once


def test_values_are_found_by_what_they_are() -> None:
    assert without_secrets("say hunter2hunter2", (("PASS", "hunter2hunter2"),)) == "say [REDACTED:env:PASS]"


def test_a_text_without_secrets_stays() -> None:
    assert without_secrets("ls -la") == "ls -la"
