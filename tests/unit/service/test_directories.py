from pathlib import Path

import pytest

from security_hooks.service import directories

PASSWD = (
    b"root:x:0:0:root:/root:/bin/sh\nbad\nu:x:7:7::relative:/bin/sh\nv:x:8:8::/home/v:/bin/sh\nw:x:8:8::/home/w:/x\n"
)


@pytest.mark.parametrize(("uid", "home"), [(0, Path("/root")), (8, Path("/home/v")), (7, None), (9, None)])
def test_the_home_is_that_of_the_first_line_with_the_uid(tmp_path: Path, uid: int, home: Path | None) -> None:
    passwd = tmp_path / "passwd"
    passwd.write_bytes(PASSWD)
    assert directories.home_of(uid, passwd) == home


def test_without_a_password_file_there_is_no_home(tmp_path: Path) -> None:
    assert directories.home_of(0, tmp_path / "passwd") is None


def test_given_directories_win(tmp_path: Path) -> None:
    assert directories.config_dir(tmp_path) == tmp_path
    assert directories.state_dir(tmp_path) == tmp_path


def test_xdg_variables_count_only_if_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert directories.config_dir(None) == tmp_path / "security-hooks"
    assert directories.state_dir(None) == Path.home() / ".local/state/security-hooks"


def test_the_shipped_files_are_found() -> None:
    assert (directories.shipped_dir() / "rules").is_dir()
