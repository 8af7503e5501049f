"""Checks a chain line by line, in constant memory, and says what kind of damage the first bad place shows.

Comes in: segments in order, each a name, the sequence number that the name carries, and its lines with their
newlines. Goes out: one `Report`. What a chain alone cannot show is the loss of its newest records, and an end that was
written anew: that takes a `Witness` with signed checkpoints. A log may begin later than with record 1 where a record of
it says that those before were pruned.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from security_hooks.audit.beginning import Announced, Beginning
from security_hooks.audit.chain import START, Link, may_be_torn, unseal
from security_hooks.audit.checkpoint import checkpoint_of
from security_hooks.audit.damage import Damage, Problem
from security_hooks.audit.prune import prune_of
from security_hooks.audit.witness import Claim, Proof, Witness

# A checkpoint is about a record that was the last one when its signing began, this many before at most.
RECENT = 65_536
_CHECKPOINT = b',"kind":"checkpoint","prev":"'
_PRUNE = b',"kind":"prune","prev":"'
# What a compressed segment gives for what cannot be decompressed; no record holds it.
_LOST = b"\0"
# What follows the kind is of bounded length, and the record's fields end before that.
_KIND_WITHIN = 160


@dataclass(frozen=True, slots=True)
class Report:
    """The state of a log. `torn` names a last line that was never written whole, which is no damage. `proof` says how
    far checkpoints prove the log, None where nobody asked. `first` is the record that it begins with; where those
    before it were pruned, `pruned` is what says so.
    """

    records: int
    segments: int
    problem: Problem | None = None
    torn: str | None = None
    last: Link | None = None
    proof: Proof | None = None
    first: int = 1
    pruned: Announced | None = None


def verify(segments: Iterable[tuple[str, int, Iterable[bytes]]], witness: Witness | None = None) -> Report:
    """Check a log from its first record to its last, against its checkpoints where there is a witness."""
    checker = _Checker(witness)
    for name, first, lines in segments:
        checker.begin(name, first)
        for line in lines:
            checker.feed(line)
    return checker.report()


class _Checker:
    """The head of the chain so far and, once there is one, the first problem, whose kind later lines may settle."""

    def __init__(self, witness: Witness | None) -> None:
        self._witness = witness
        self._recent: deque[str] = deque(maxlen=RECENT)
        self._beginning = Beginning()
        self._head = START
        self._expected = 1
        self._last: Link | None = None
        self._records = 0
        self._segments = 0
        self._segment = ""
        self._first = 1
        self._line = 0
        self._torn = b""
        self._problem: Problem | None = None
        self._missing = range(0)
        self._undecided = False

    def begin(self, name: str, first: int) -> None:
        if self._torn:
            self._find(Damage.TRUNCATION, "the segment ends within a record, and the log goes on after it")
        self._torn = b""
        if self._last is not None:
            self._beginning.leaves(self._last)
        self._segment, self._line = name, 0
        self._segments += 1
        self._first = first

    def feed(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            self._torn = line
            return
        self._line += 1
        self._records += 1
        link = unseal(line[:-1])
        if self._records == 1 and self._first > 1:
            self._start_later(link)
        if link is not None and line.find(_PRUNE, len(line) - _KIND_WITHIN) >= 0:
            self._hear(link, line)
        if self._problem is None:
            if self._line == 1 and link is not None and link.seq != self._first:
                self._find(Damage.MISNAMED, f"the segment is named for record {self._first} but begins with {link.seq}")
            elif link is not None and link.prev == self._head and link.seq == self._expected:
                self._head = link.hash
                self._last = link
                self._expected += 1
                if self._witness is not None:
                    self._testify(self._witness, link, line)
                return
            else:
                self._judge(link, line)
        else:
            self._settle(link)
        if link is not None:
            self._last = link

    def report(self) -> Report:
        torn = None
        if self._torn:
            if may_be_torn(self._torn):
                torn = f"{self._segment}: the last line ({len(self._torn)} bytes) was never written whole"
            else:
                self._line += 1
                self._find(Damage.EDIT, "the log ends in bytes that no writing of a record leaves behind")
        # What is missing at the beginning comes before all else that is wrong.
        self._problem = self._beginning.problem() or self._problem
        first, pruned = self._beginning.first, self._beginning.explained()
        proof = None
        if self._witness is not None:
            if self._problem is None:
                self._problem = self._agree(self._witness, pruned) or self._witness.ends(self._expected - 1)
            proof = self._witness.proof()
        return Report(self._records, self._segments, self._problem, torn, self._last, proof, first, pruned)

    def _start_later(self, link: Link | None) -> None:
        """The log does not begin with record 1; whether it may is known at its end."""
        if link is not None and link.seq == self._first:
            self._head = link.prev
        self._expected = self._first
        self._beginning.starts(self._segment, self._first, self._head)

    def _hear(self, link: Link, line: bytes) -> None:
        prune = prune_of(line)
        if prune is None or prune.through >= link.seq:
            self._find(Damage.FORGED, f"record {link.seq} does not say what was pruned")
            return
        forged = None
        if self._witness is not None:
            forged = self._witness.hears(prune, self._segment, self._line)
            self._problem = self._problem or forged
        if forged is None:
            self._beginning.hears(prune, link.seq)

    def _agree(self, witness: Witness, pruned: Announced | None) -> Problem | None:
        """What a checkpoint about the last record that was pruned says to its hash."""
        last = self._beginning.first - 1
        if pruned is None or not witness.waits_for(last):
            return None
        return witness.meets(last, self._beginning.before)

    def _testify(self, witness: Witness, link: Link, line: bytes) -> None:
        self._recent.append(link.hash)
        if witness.waits_for(link.seq):
            self._problem = witness.meets(link.seq, link.hash)
        if line.find(_CHECKPOINT, len(line) - _KIND_WITHIN) >= 0 and self._problem is None:
            checkpoint = checkpoint_of(line)
            if checkpoint is None:
                self._find(Damage.FORGED, f"record {link.seq} is no whole checkpoint")
                return
            back = link.seq - checkpoint.covers
            if 0 < checkpoint.covers < self._beginning.first:
                # About a record that was pruned, of which only the last one's hash is still known.
                if checkpoint.covers == self._beginning.first - 1:
                    claim = Claim(checkpoint, self._segment, self._line)
                    self._problem = witness.reads(claim, self._beginning.before)
                return
            digest = self._recent[-1 - back] if 0 < back < len(self._recent) else None
            self._problem = witness.reads(Claim(checkpoint, self._segment, self._line), digest)

    def _judge(self, link: Link | None, line: bytes) -> None:
        """Name the first problem; what a single line cannot tell stays undecided until the next one."""
        if link is None and _LOST in line:
            self._find(Damage.UNREADABLE, "what was compressed cannot be decompressed from here on")
        elif link is None:
            self._find(Damage.EDIT, "the record's content does not give its hash")
            self._undecided = True
        elif link.seq > self._expected:
            if link.prev == self._head:
                self._find(Damage.INSERTION, f"record {link.seq} stands here and links to the one before")
            else:
                self._lose(link.seq, Damage.TRUNCATION if self._line == 1 else Damage.REMOVAL)
        elif link.seq < self._expected:
            self._find(Damage.INSERTION, f"record {link.seq} stands here a second time")
        else:
            self._find(
                Damage.REPLACED,
                "the record is whole but does not link to the one before:"
                f" record {link.seq - 1} was changed and hashed anew, or all from here on comes from another log",
            )
            self._undecided = True

    def _settle(self, link: Link | None) -> None:
        """A later line may tell an insertion from an edit, or find what seemed removed."""
        problem = self._problem
        if problem is None or link is None:
            return
        if self._undecided:
            self._undecided = False
            if link.prev == self._head and link.seq == self._expected:
                self._problem = Problem(
                    Damage.INSERTION, problem.seq, problem.segment, problem.line, "a line that is not of this chain"
                )
        elif link.seq in self._missing:
            self._missing = range(0)
            self._problem = Problem(
                Damage.REORDER,
                problem.seq,
                problem.segment,
                problem.line,
                f"record {link.seq} stands at line {self._line} of {self._segment} instead",
            )

    def _lose(self, found: int, damage: Damage) -> None:
        lost = f"record {self._expected} is" if found == self._expected + 1 else f"{self._expected} to {found - 1} are"
        self._missing = range(self._expected, found)
        self._find(damage, f"{lost} missing" if lost.startswith("record") else f"records {lost} missing")

    def _find(self, damage: Damage, detail: str) -> None:
        if self._problem is None:
            self._problem = Problem(damage, self._expected, self._segment, self._line, detail)
