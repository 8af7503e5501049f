from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.damage import Damage
from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import KEYS, PRIVATE, own_key
from security_hooks.audit.ledger import LEDGER, keep
from security_hooks.audit.proof import prove
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord

AT = "2026-11-21T12:00:00.000000000Z"


@pytest.fixture
def written(tmp_path: Path, opened: Callable[..., AuditWriter], record: Callable[..., AuditRecord]) -> Path:
    """Twenty records in several segments, with a checkpoint of the tenth and the last beside them."""
    writer = opened(tmp_path / "audit", segment_bytes=1_000)
    for count in range(1, 21):
        writer.append(record())
        if count in {10, 20}:
            keep(tmp_path, sign_checkpoint(writer.head, AT, "", own_key(tmp_path)))
    return tmp_path


def test_checkpoints_prove_a_log_across_its_segments(written: Path) -> None:
    report = prove(written)
    assert report.problem is None
    assert report.segments > 5
    assert report.proof is not None and (report.proof.checkpoints, report.proof.covered) == (2, 20)


def test_a_removed_last_segment_shows(written: Path) -> None:
    last = max((written / "audit").glob("*.jsonl"))
    first = int(last.stem)
    last.unlink()
    problem = prove(written).problem
    assert problem is not None
    assert (problem.damage, problem.seq, problem.segment) == (Damage.TRUNCATION, first, str(written / LEDGER))


def test_a_new_key_leaves_old_checkpoints_proven(written: Path, record: Callable[..., AuditRecord]) -> None:
    (written / KEYS / PRIVATE).unlink()
    new = own_key(written)
    assert prove(written).problem is None
    pinned = prove(written, pinned=(new.public,)).problem
    assert pinned is not None
    assert pinned.damage is Damage.FOREIGN_KEY


def test_a_copy_kept_elsewhere_counts(written: Path) -> None:
    copy = written / "copy"
    (written / LEDGER).rename(copy)
    max((written / "audit").glob("*.jsonl")).unlink()
    assert prove(written).problem is None
    problem = prove(written, elsewhere=[copy]).problem
    assert problem is not None
    assert (problem.damage, problem.segment, problem.line) == (Damage.TRUNCATION, str(copy), 2)


def test_what_cannot_be_read_is_said(written: Path) -> None:
    (written / KEYS / "x.pub").write_text("x")
    with pytest.raises(AuditError, match=r"x\.pub holds no public key"):
        prove(written)
