from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.changes import write
from security_hooks.install.places import Machine
from security_hooks.install.plan import BACKUP, Wish, plan_install, plan_uninstall
from security_hooks.model.diagnostic import PolicyError
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import CLIENTS, Scope

WISH = Wish(HookLine("/opt/security-hooks-shim", "/run/h.sock", ""), None, "0123456789abcdef")
NAMES = [client.name for client in CLIENTS]
Install = Callable[..., None]


def settings_of(place: Machine, client: str) -> Path:
    return place.on_disk(
        {
            "claude-code": place.claude / "settings.json",
            "gemini-cli": place.gemini / "settings.json",
            "codex-cli": place.codex / "config.toml",
        }[client]
    )


def put(place: Machine, client: str, content: bytes) -> Path:
    path = settings_of(place, client)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("client", "content", "says"),
    [
        ("claude-code", b'{"a": 1, "a": 2}', r"settings.json:1:10: the key .* is there twice"),
        ("claude-code", b"\xef\xbb\xbf{}", r"settings.json:1:1: .*byte order mark"),
        ("claude-code", b'{\r\n  "hooks": []\r\n}', r"settings.json:2:12: `hooks` is no object"),
        ("claude-code", b"// mine\n{}", r"settings.json:1:1: a value was expected"),
        ("gemini-cli", b'{"hooks": null}', r"settings.json:1:11: `hooks` is no object"),
        ("codex-cli", b"a = 1\na = 2\n", r"config.toml:2:.*overwrite"),
        ("codex-cli", b"hooks = {}\n", r"config.toml.*written in a form"),
        ("codex-cli", b"a = '\xff'", r"config.toml:1:6: it is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place(
    place: Machine, client: str, content: bytes, says: str
) -> None:
    path = put(place, client, content)
    with pytest.raises(PolicyError, match=says):
        plan_install(place, client, Scope.USER, WISH)
    assert path.read_bytes() == content


@pytest.mark.parametrize("client", NAMES)
def test_a_link_stays_a_link_and_its_file_is_changed_and_given_back(
    place: Machine, client: str, tmp_path: Path, install: Install
) -> None:
    path = put(place, client, b"")
    real = tmp_path / "dotfiles"
    real.write_bytes(b"")
    path.unlink()
    path.symlink_to(real)
    install(client, Path("/opt/security-hooks-shim"))
    assert path.is_symlink()
    assert b"security-hooks-shim" in real.read_bytes()
    write(plan_uninstall(place, client, Scope.USER))
    assert path.is_symlink() and real.read_bytes() == b""


@pytest.mark.parametrize("client", NAMES)
def test_what_a_person_changes_after_install_survives_uninstall(place: Machine, client: str, install: Install) -> None:
    before = b'model = "x"\n' if client == "codex-cli" else b'{\n  "model": "x"\n}\n'
    path = put(place, client, before)
    install(client, Path("/opt/security-hooks-shim"))
    path.write_bytes(path.read_bytes().replace(b'"x"', b'"y"'))
    write(plan_uninstall(place, client, Scope.USER))
    assert path.read_bytes() == before.replace(b'"x"', b'"y"')
    assert path.with_name(path.name + BACKUP).read_bytes() == before


@pytest.mark.parametrize("client", NAMES)
def test_the_mode_of_a_file_is_kept_by_it_and_its_backup(place: Machine, client: str, install: Install) -> None:
    path = put(place, client, b"")
    path.chmod(0o640)
    install(client, Path("/opt/security-hooks-shim"))
    assert {file.stat().st_mode & 0o777 for file in (path, path.with_name(path.name + BACKUP))} == {0o640}


def test_a_version_that_does_not_block_by_itself_gets_a_shell_line(place: Machine) -> None:
    old = Wish(WISH.line, (2, 1, 200), WISH.fresh)
    (change,) = plan_install(place, "claude-code", Scope.USER, old)
    assert change.after is not None
    assert b"|| exit 2" in change.after and b"onFailure" not in change.after
    (change,) = plan_install(place, "claude-code", Scope.USER, Wish(WISH.line, (2, 1, 295), WISH.fresh))
    assert change.after is not None
    assert b'"onFailure": "block"' in change.after


@pytest.mark.parametrize("client", NAMES)
def test_observing_puts_the_bare_shim_there(place: Machine, client: str, install: Install) -> None:
    install(client, Path("/opt/security-hooks-shim"), observe=True)
    text = settings_of(place, client).read_text()
    assert "--observe" in text
    assert "exit 2" not in text and "onFailure" not in text and "||" not in text


@pytest.mark.parametrize("client", NAMES)
@pytest.mark.parametrize("scope", list(Scope))
def test_uninstall_where_nothing_is_changes_nothing(place: Machine, client: str, scope: Scope) -> None:
    assert plan_uninstall(place, client, scope) == ()
