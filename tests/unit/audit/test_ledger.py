import stat
from pathlib import Path

import pytest

from security_hooks.audit.checkpoint import Checkpoint
from security_hooks.audit.failure import AuditError
from security_hooks.audit.ledger import LEDGER, keep, kept


def checkpoint(covers: int) -> Checkpoint:
    return Checkpoint("at", covers, "hash", "policy", "signer", "signature")


def test_what_was_kept_comes_back_in_order(tmp_path: Path) -> None:
    for covers in (3, 9):
        keep(tmp_path, checkpoint(covers))
    path = tmp_path / LEDGER
    assert kept(path) == [(1, checkpoint(3)), (2, checkpoint(9))]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_a_crash_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    keep(tmp_path, checkpoint(3))
    path.write_bytes(path.read_bytes() + b'{"at":"at","cov')
    keep(tmp_path, checkpoint(9))
    assert kept(path) == [(1, checkpoint(3)), (3, checkpoint(9))]


def test_no_file_is_no_checkpoint(tmp_path: Path) -> None:
    assert kept(tmp_path / LEDGER) == []


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    (tmp_path / LEDGER).mkdir()
    with pytest.raises(AuditError, match="cannot be read"):
        kept(tmp_path / LEDGER)
    with pytest.raises(AuditError, match="cannot be written"):
        keep(tmp_path, checkpoint(3))


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / LEDGER).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="cannot be written"):
        keep(tmp_path, checkpoint(3))
    assert not (tmp_path / "elsewhere").exists()
