import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.audit.chain import unseal
from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.compress import compress_segment
from security_hooks.audit.damage import Damage, Problem
from security_hooks.audit.dsse import Unproven
from security_hooks.audit.encode import timestamp
from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import own_key
from security_hooks.audit.ledger import LEDGER, keep, kept_prunes
from security_hooks.audit.proof import prove
from security_hooks.audit.prune import Prune
from security_hooks.audit.pruning import announce, closed_segments, plan_for, remove
from security_hooks.audit.reader import Cursor, read_from, segments_of, whole_log
from security_hooks.audit.retention import Limits
from security_hooks.audit.statement import Statement, state
from security_hooks.audit.verify import verify
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind

NOON = 1_795_262_400_000_000_000
DAY = 86_400_000_000_000
RecordMaker = Callable[..., AuditRecord]
Opener = Callable[..., AuditWriter]


class Log:
    """A log of one record a day, in many segments, with a checkpoint now and then, as the daemon keeps it."""

    def __init__(self, place: Path, opened: Opener, record: RecordMaker) -> None:
        self.place = place
        self.path = place / "audit"
        self.record = record
        self.writer = opened(self.path, segment_bytes=2_000)
        self.days = 0

    def live(self, days: int) -> None:
        for _ in range(days):
            self.days += 1
            self.writer.append(self.record(at=NOON + self.days * DAY, number=self.days))
            if self.days % 7 == 0:
                signed = sign_checkpoint(self.writer.head, timestamp(NOON), "p", own_key(self.place))
                keep(self.place, signed)
                self.writer.append(AuditRecord(RecordKind.CHECKPOINT, NOON + self.days * DAY, signed.fields()))

    def say(self, limits: Limits, **undelivered: int) -> Prune:
        wanted = plan_for(self.path, limits, undelivered)
        said = announce(self.place, wanted, limits, timestamp(NOON))
        self.writer.append(AuditRecord(RecordKind.PRUNE, NOON + self.days * DAY, said.fields()))
        return said

    def prune(self, limits: Limits) -> Prune:
        wanted = plan_for(self.path, limits, {})
        said = self.say(limits)
        keep(self.place, said)
        remove(self.path, wanted.segments)
        return said

    def numbers(self) -> list[int]:
        return [json.loads(line)["seq"] for line, _ in read_from(self.path, Cursor(0, 0))]

    def problem(self) -> Problem | None:
        return prove(self.place).problem


@pytest.fixture
def log(tmp_path: Path, opened: Opener, record: RecordMaker) -> Log:
    log = Log(tmp_path, opened, record)
    log.live(60)
    return log


def before(day: int) -> Limits:
    return Limits("person", timestamp(NOON + day * DAY))


def test_a_pruned_log_is_whole_from_where_it_begins_and_says_why(log: Log) -> None:
    said = log.prune(before(30))
    report = prove(log.place)
    assert report.problem is None
    assert (report.first, log.numbers()[0]) == (said.through + 1, said.through + 1)
    assert report.pruned is not None
    assert (report.pruned.prune, report.pruned.record) == (said, log.writer.sequence)
    assert (said.first, said.by, said.undelivered) == (1, "person", {})
    assert verify(whole_log(log.path)).problem is None


def test_nothing_newer_than_the_limit_is_lost(log: Log) -> None:
    log.prune(before(30))
    kept = [json.loads(line) for line, _ in read_from(log.path, Cursor(0, 0))]
    assert {row["fields"]["number"] for row in kept if row["kind"] == "decision"} >= set(range(30, 61))


def test_it_may_be_pruned_again_and_again(log: Log) -> None:
    first = log.prune(before(20))
    log.live(30)
    for _, name in segments_of(log.path)[:-1]:
        compress_segment(log.path, name)
    second = log.prune(before(50))
    assert (second.first, second.through > first.through) == (first.through + 1, True)
    assert log.problem() is None
    third = log.prune(before(85))
    # The record of the first prune is gone by now.
    assert third.through > 70
    assert log.problem() is None


def test_the_last_segment_always_stays(log: Log) -> None:
    log.prune(Limits("person", keep_bytes=0))
    assert len(segments_of(log.path)) == 1
    assert closed_segments(log.path) == ()
    assert log.problem() is None
    with pytest.raises(IndexError):
        log.prune(Limits("person", keep_bytes=0))


def drop(log: Log, count: int = 1) -> int:
    segments = closed_segments(log.path)[:count]
    remove(log.path, segments)
    return segments[-1].last


def test_a_beginning_that_nobody_announced_is_a_truncation(log: Log) -> None:
    last = drop(log)
    problem = log.problem()
    assert problem is not None
    assert (problem.damage, problem.seq) == (Damage.TRUNCATION, 1)
    assert problem.detail == f"records 1 to {last} are missing, and no record says that they were pruned"


def test_more_removed_than_was_announced_is_a_truncation_from_there(log: Log) -> None:
    said = log.prune(before(20))
    last = drop(log)
    problem = log.problem()
    assert problem is not None
    assert (problem.damage, problem.seq) == (Damage.TRUNCATION, said.through + 1)
    assert problem.detail == (
        f"records {said.through + 1} to {last} are missing,"
        f" and record {log.writer.sequence} says of those up to {said.through} alone that they were pruned"
    )


def test_nothing_is_pruned_where_the_beginning_is_missing_already(log: Log) -> None:
    drop(log)
    with pytest.raises(AuditError, match="nothing says that those before it were pruned"):
        log.say(before(30))


def test_a_record_that_no_key_of_ours_signed_announces_nothing(log: Log) -> None:
    wanted = plan_for(log.path, before(30), {})
    said = announce(log.place, wanted, before(30), timestamp(NOON))
    forged = {**said.fields(), "through": wanted.segments[0].last}
    log.writer.append(AuditRecord(RecordKind.PRUNE, NOON, forged))
    drop(log)
    problem = log.problem()
    assert problem is not None and problem.damage is Damage.TRUNCATION


def test_a_forged_record_alone_is_named(log: Log) -> None:
    said = announce(log.place, plan_for(log.path, before(30), {}), before(30), timestamp(NOON))
    log.writer.append(AuditRecord(RecordKind.PRUNE, NOON, {**said.fields(), "limit": "another"}))
    problem = log.problem()
    assert problem is not None and problem.damage is Damage.FORGED


def test_with_another_key_it_proves_nothing(log: Log, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = own_key(tmp_path / "other")
    wanted = plan_for(log.path, before(30), {})
    said = announce(log.place, wanted, before(30), timestamp(NOON))
    other = Prune(**{**{name: getattr(said, name) for name in Prune.__struct_fields__}, "signer": stranger.public.id})
    log.writer.append(AuditRecord(RecordKind.PRUNE, NOON, other.signed(stranger).fields()))
    remove(log.path, wanted.segments)
    problem = log.problem()
    assert problem is not None and problem.damage is Damage.FOREIGN_KEY


def test_a_crash_between_saying_and_doing_leaves_a_whole_log(log: Log) -> None:
    wanted = plan_for(log.path, before(30), {})
    log.say(before(30))
    assert log.problem() is None
    for count in range(1, len(wanted.segments) + 1):
        remove(log.path, wanted.segments[:count])
        assert log.problem() is None
        assert log.numbers()[0] == wanted.segments[count - 1].last + 1
    # What was said in the log alone is found again, and the next prune goes on.
    assert kept_prunes(log.place / LEDGER) == []
    log.prune(before(50))
    assert log.problem() is None


def test_a_checkpoint_kept_elsewhere_speaks_against_a_prune_of_another_log(log: Log) -> None:
    said = log.prune(before(30))
    other = sign_checkpoint((said.through, "ab" * 32), timestamp(NOON), "p", own_key(log.place))
    keep(log.place, other)
    problem = log.problem()
    assert problem is not None and problem.damage is Damage.REPLACED


def test_a_log_that_is_damaged_where_it_would_be_cut_is_not_pruned(log: Log) -> None:
    last = plan_for(log.path, before(30), {}).segments[-1]
    path = log.path / last.name
    path.write_bytes(path.read_bytes()[:-5] + b"x}}}\n")
    with pytest.raises(AuditError, match=f"damaged at record {last.last}"):
        log.say(before(30))


def test_a_record_of_the_rest_is_attested_and_one_that_is_gone_is_said_to_be(log: Log) -> None:
    said = log.prune(before(30))
    gone = state(whole_log(log.path), 1, None)
    assert gone == Unproven(f"the log begins with record {said.through + 1}: those before it were pruned or lost")
    assert isinstance(state(whole_log(log.path), said.through + 1, None), Statement)


def test_what_is_said_fits_the_record_to_which_the_rest_links(log: Log) -> None:
    said = log.prune(before(30))
    first, _ = next(read_from(log.path, Cursor(0, 0)))
    link = unseal(first[:-1])
    assert link is not None and link.prev == said.hash
