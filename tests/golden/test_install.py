"""What `install` makes of settings files, byte by byte, and what `uninstall` makes of that: the files they were."""

from pathlib import Path

import pytest

from security_hooks.cli.changes import write
from security_hooks.install.places import Machine, machine
from security_hooks.install.plan import Wish, plan_install, plan_uninstall
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import CLIENTS, Scope

FOLDER = Path(__file__).parent / "install"
SHIM = "/opt/security-hooks/bin/security-hooks-shim"
LINE = HookLine(SHIM, "/run/user/1000/security-hooks/hook.sock", "", timeout="/usr/bin/timeout")
WISH = Wish(LINE, None, "0123456789abcdef")
CASES = [(client.name, scope) for client in CLIENTS for scope in Scope]
OFTEN = ("client", "scope")


@pytest.fixture
def place(tmp_path: Path) -> Machine:
    return machine(tmp_path, Path("/home/dev"), {})


def files(place: Machine) -> dict[Path, bytes]:
    assert place.root is not None
    return {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}


def put_before(place: Machine, client: str, scope: Scope) -> Path:
    """The settings as they were; returns where the client's own file is."""
    path = plan_install(place, client, scope, WISH)[0].path
    before = FOLDER / f"{client}.{scope.value}.before"
    if before.exists():
        path.parent.mkdir(parents=True)
        path.write_bytes(before.read_bytes())
    return path


@pytest.mark.parametrize(OFTEN, CASES)
def test_every_file_is_as_it_was_read_by_eye(place: Machine, client: str, scope: Scope) -> None:
    own = put_before(place, client, scope)
    write(plan_install(place, client, scope, WISH))
    found = {("after" if path == own else path.name): content for path, content in files(place).items()}
    kept = {name: content for name, content in found.items() if name.endswith(".before-security-hooks")}
    before = FOLDER / f"{client}.{scope.value}.before"
    assert list(kept.values()) == ([before.read_bytes()] if before.exists() else [])
    prefix = f"{client}.{scope.value}."
    wanted = {path.name.removeprefix(prefix): path for path in FOLDER.glob(prefix + "*")}
    wanted.pop("before", None)
    assert found.keys() - kept.keys() == wanted.keys()
    for name, path in wanted.items():
        assert found[name] == path.read_bytes(), path


@pytest.mark.parametrize(OFTEN, CASES)
def test_installing_again_changes_nothing_and_uninstalling_gives_the_bytes_back(
    place: Machine, client: str, scope: Scope
) -> None:
    put_before(place, client, scope)
    before = files(place)
    write(plan_install(place, client, scope, WISH))
    again = Wish(LINE, None, "fedcba9876543210")
    assert plan_install(place, client, scope, again) == ()
    write(plan_uninstall(place, client, scope))
    assert files(place) == before
    assert plan_uninstall(place, client, scope) == ()


@pytest.mark.parametrize(OFTEN, CASES)
def test_a_new_wiring_replaces_the_old_one_and_keeps_its_id_and_the_first_backup(
    place: Machine, client: str, scope: Scope
) -> None:
    put_before(place, client, scope)
    before = files(place)
    write(plan_install(place, client, scope, WISH))
    moved = Wish(HookLine("/usr/bin/security-hooks-shim", None, "", observe=True), None, "fedcba9876543210")
    write(plan_install(place, client, scope, moved))
    text = b"".join(content for path, content in files(place).items() if not path.name.endswith("-security-hooks"))
    assert b"--observe" in text and b"/usr/bin/security-hooks-shim" in text
    assert b"0123456789abcdef" in text and b"fedcba9876543210" not in text and SHIM.encode() not in text
    write(plan_uninstall(place, client, scope))
    assert files(place) == before
