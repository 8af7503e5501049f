"""Whatever is done to a log with checkpoints is told in its own words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from security_hooks.audit.chain import START, seal
from security_hooks.audit.checkpoint import Checkpoint, sign_checkpoint
from security_hooks.audit.damage import Damage
from security_hooks.audit.encode import canonical
from security_hooks.audit.keys import PublicKey, SigningKey, own_key
from security_hooks.audit.verify import RECENT, Report, verify
from security_hooks.audit.witness import Claim, Witness

AT = "2026-11-21T12:00:00.000000000Z"
SIGNED = "2026-11-21T13:00:00.000000000Z"
NAME = "00000001.jsonl"


@dataclass
class Log:
    """A log that is being written: its lines, its head, and the checkpoints kept beside it."""

    key: SigningKey
    lines: list[bytes] = field(default_factory=list)
    head: str = START
    kept: list[Checkpoint] = field(default_factory=list)

    def write(self, count: int = 1, word: str = "x") -> None:
        for _ in range(count):
            self.seal("decision", b'{"%b":%d}' % (word.encode(), len(self.lines) + 1))

    def seal(self, kind: str, fields: bytes) -> None:
        line, self.head = seal(self.head, len(self.lines) + 1, AT, kind, fields)
        self.lines.append(line)

    def sign(self, key: SigningKey | None = None) -> Checkpoint:
        return sign_checkpoint((len(self.lines), self.head), SIGNED, "cd" * 32, key or self.key)

    def record(self, checkpoint: Checkpoint) -> None:
        self.seal("checkpoint", canonical(checkpoint.fields()))

    def cover(self) -> None:
        """One checkpoint, in the log and beside it."""
        checkpoint = self.sign()
        self.kept.append(checkpoint)
        self.record(checkpoint)

    def cut(self, count: int) -> None:
        """Forget all lines but so many, and go on from there."""
        del self.lines[count:]
        self.head = self.lines[-1].partition(b'"hash":"')[2][:64].decode() if self.lines else START

    def check(self, keys: Sequence[PublicKey] | None = None, *, pinned: bool = False) -> Report:
        claims = [Claim(checkpoint, "kept", line) for line, checkpoint in enumerate(self.kept, start=1)]
        witness = Witness([self.key.public] if keys is None else keys, claims, must_be_signed=pinned)
        return verify([(NAME, 1, self.lines)], witness)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Records 1 to 4, a checkpoint of them as 5, 6 to 9, a checkpoint as 10, and two more that none covers."""
    made = Log(own_key(tmp_path))
    made.write(4)
    made.cover()
    made.write(4)
    made.cover()
    made.write(2)
    return made


@pytest.fixture
def other(tmp_path: Path) -> SigningKey:
    (tmp_path / "other").mkdir()
    return own_key(tmp_path / "other")


def test_a_whole_log_is_proven_up_to_its_last_checkpoint(log: Log) -> None:
    report = log.check(pinned=True)
    assert report.problem is None
    assert report.proof is not None
    assert (report.proof.checkpoints, report.proof.covered, report.proof.at) == (2, 9, SIGNED)
    assert report.proof.signers == (log.key.public.id,)


def cut_the_end(log: Log) -> None:
    log.cut(7)


def cut_one(log: Log) -> None:
    log.cut(8)


def cut_all(log: Log) -> None:
    log.cut(0)


def cut_and_go_on(log: Log) -> None:
    log.cut(7)
    log.write(1, "y")
    log.cover()


def write_the_end_anew(log: Log) -> None:
    log.cut(7)
    log.write(5, "y")


def write_the_end_anew_and_clear_what_is_kept(log: Log) -> None:
    replayed = log.kept[1]
    log.kept.clear()
    log.cut(7)
    log.write(5, "y")
    log.record(replayed)


def write_all_anew(log: Log) -> None:
    log.cut(0)
    log.write(12, "y")


def write_one_record_anew(log: Log) -> None:
    lines = log.lines
    log.cut(8)
    log.write(1, "y")
    log.lines.extend(lines[9:])


def forge_in_the_log(log: Log) -> None:
    checkpoint = log.sign()
    log.record(msgspec.structs.replace(checkpoint, policy="ef" * 32))


def forge_beside_it(log: Log) -> None:
    log.kept[1] = msgspec.structs.replace(log.kept[1], hash="ab" * 32)


def forge_of_records_to_come(log: Log) -> None:
    log.kept.append(msgspec.structs.replace(log.kept[1], covers=99))


def forge_half(log: Log) -> None:
    log.seal("checkpoint", b'{"covers":12}')


def sign_what_is_to_come(log: Log) -> None:
    log.record(sign_checkpoint((99, "ab" * 32), SIGNED, "", log.key))


@pytest.mark.parametrize(
    ("tamper", "damage", "seq", "segment", "line", "words"),
    [
        (
            cut_the_end,
            "truncation",
            8,
            "kept",
            2,
            f"records 8 to 9 are missing at the end: record 9 was signed at {SIGNED}",
        ),
        (cut_one, "truncation", 9, "kept", 2, f"record 9 is missing at the end: record 9 was signed at {SIGNED}"),
        (
            cut_all,
            "truncation",
            1,
            "kept",
            2,
            f"records 1 to 9 are missing at the end: record 9 was signed at {SIGNED}",
        ),
        (
            cut_and_go_on,
            *("replaced", 9, "kept", 2),
            f"record 9 is not what was signed at {SIGNED}: replaced and hashed anew",
        ),
        (
            write_the_end_anew,
            *("replaced", 5, "kept", 2),
            f"records 5 to 9 are not what was signed at {SIGNED}: replaced and hashed anew",
        ),
        (
            write_the_end_anew_and_clear_what_is_kept,
            *("replaced", 5, NAME, 13),
            f"records 5 to 9 are not what was signed at {SIGNED}: replaced and hashed anew",
        ),
        (
            write_all_anew,
            *("replaced", 1, "kept", 1),
            f"records 1 to 4 are not what was signed at {SIGNED}: replaced and hashed anew",
        ),
        (forge_in_the_log, "forged", 12, NAME, 13, "the checkpoint of record 12 is not what its key has signed"),
        (forge_beside_it, "forged", 9, "kept", 2, "the checkpoint of record 9 is not what its key has signed"),
        (
            forge_of_records_to_come,
            "forged",
            99,
            "kept",
            3,
            "the checkpoint of record 99 is not what its key has signed",
        ),
        (forge_half, "forged", 14, NAME, 13, "record 13 is no whole checkpoint"),
        (sign_what_is_to_come, "forged", 10, NAME, 13, "the checkpoint is about record 99, which it cannot be about"),
    ],
)
def test_every_manipulation_is_told_in_its_own_words(
    tamper: Callable[[Log], None], damage: str, seq: int, segment: str, line: int, words: str, log: Log
) -> None:
    tamper(log)
    problem = log.check().problem
    assert problem is not None
    assert (problem.damage.value, problem.seq, problem.segment, problem.line) == (damage, seq, segment, line)
    assert problem.detail == words


def test_a_checkpoint_about_records_too_far_back_is_refused(log: Log) -> None:
    old = log.sign()
    log.write(RECENT)
    log.record(old)
    problem = log.check().problem
    assert problem is not None
    assert (problem.damage, problem.detail) == (
        Damage.FORGED,
        "the checkpoint is about record 12, which it cannot be about",
    )


def test_a_foreign_key_is_named(log: Log, other: SigningKey) -> None:
    log.record(log.sign(other))
    problem = log.check().problem
    assert problem is not None
    assert (problem.damage, problem.seq, problem.segment, problem.line) == (Damage.FOREIGN_KEY, 12, NAME, 13)
    assert problem.detail == f"the checkpoint of record 12 is signed by another key, {other.public.id}"
    both = log.check([log.key.public, other.public])
    assert both.problem is None
    assert both.proof is not None and both.proof.signers == (log.key.public.id, other.public.id)


def test_a_missing_key_is_named(log: Log) -> None:
    problem = log.check([]).problem
    assert problem is not None
    assert (problem.damage, problem.seq) == (Damage.NO_KEY, 4)
    assert problem.detail == f"the checkpoints cannot be checked, since their key {log.key.public.id} is not here"


def test_a_missing_key_hides_nothing_that_the_chain_shows(log: Log) -> None:
    log.lines[7] = log.lines[7].replace(b'"x"', b'"y"')
    problem = log.check([]).problem
    assert problem is not None
    assert (problem.damage, problem.seq) == (Damage.EDIT, 8)


def test_without_checkpoints_only_a_named_key_finds_fault(log: Log) -> None:
    log.kept.clear()
    log.cut(0)
    log.write(3, "y")
    assert log.check().problem is None
    problem = log.check(pinned=True).problem
    assert problem is not None
    assert (problem.damage, problem.detail) == (
        Damage.UNSIGNED,
        "no checkpoint of the given key covers any record",
    )


def test_a_key_counts_only_by_what_it_has_signed(log: Log, other: SigningKey) -> None:
    forged = msgspec.structs.replace(log.sign(other), signer=log.key.public.id)
    log.record(forged)
    problem = log.check().problem
    assert problem is not None
    assert problem.damage is Damage.FORGED
