"""Checks a log against its signed checkpoints: those that stand in it, and those kept beside it. Pure.

Whoever reads the log asks about each record that a kept checkpoint is about, about each checkpoint that stands in the
log, and about its end. What is wrong comes back as a value; a key that is missing or foreign is kept
for the end, since it must not hide what the chain itself shows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from security_hooks.audit.checkpoint import Checkpoint
from security_hooks.audit.damage import Damage, Problem
from security_hooks.audit.keys import PublicKey
from security_hooks.audit.prune import Prune


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkpoint and the line where it stands, in the log or in a file kept outside."""

    checkpoint: Checkpoint
    place: str
    line: int


@dataclass(frozen=True, slots=True)
class Proof:
    """How far checkpoints prove a log: how many there are, the last record they cover, when that was signed, and by
    which keys, oldest first.
    """

    checkpoints: int = 0
    covered: int = 0
    at: str = ""
    signers: tuple[str, ...] = ()


class Witness:
    """`keys` are those whose word counts. `must_be_signed` says that a log without their checkpoints is no good."""

    def __init__(self, keys: Sequence[PublicKey], claims: Iterable[Claim], *, must_be_signed: bool = False) -> None:
        self._keys: Mapping[str, PublicKey] = {key.id: key for key in keys}
        self._claims: dict[int, list[Claim]] = defaultdict(list)
        for claim in claims:
            self._claims[claim.checkpoint.covers].append(claim)
        self._must_be_signed = must_be_signed
        self._valid: set[Checkpoint] = set()
        self._confirmed: set[Checkpoint] = set()
        self._covered = 0
        self._at = ""
        self._signers: dict[str, None] = {}
        self._key_trouble: Problem | None = None

    def waits_for(self, seq: int) -> bool:
        """Whether a checkpoint kept outside the log is about this record."""
        return seq in self._claims

    def meets(self, seq: int, digest: str) -> Problem | None:
        """The record has this hash; what the checkpoints about it say to that."""
        for claim in self._claims.pop(seq, ()):
            found = self._hear(claim, digest)
            if found is not None:
                return found
        return None

    def reads(self, claim: Claim, digest: str | None) -> Problem | None:
        """A checkpoint stands in the log; `digest` is the hash of the record it is about, if it can be about that."""
        if digest is None and self._is_proven(claim):
            detail = f"the checkpoint is about record {claim.checkpoint.covers}, which it cannot be about"
            return Problem(Damage.FORGED, self._covered + 1, claim.place, claim.line, detail)
        return self._hear(claim, digest or "")

    def hears(self, prune: Prune, place: str, line: int) -> Problem | None:
        """A record says that records were pruned; what is wrong with it."""
        key = self._keys.get(prune.signer)
        if key is None:
            self._key_trouble = self._key_trouble or self._without_key(prune, place, line)
            return None
        if prune.is_signed_by(key):
            return None
        detail = f"the record that says that records up to {prune.through} were pruned is not what its key has signed"
        return Problem(Damage.FORGED, self._covered + 1, place, line, detail)

    def ends(self, last: int) -> Problem | None:
        """The log ends with this record."""
        beyond = [claim for seq in sorted(self._claims) if seq > last for claim in self._claims[seq]]
        proven = [claim for claim in beyond if self._is_proven(claim)]
        if proven:
            latest = proven[-1].checkpoint
            missing = (
                f"record {last + 1} is" if latest.covers == last + 1 else f"records {last + 1} to {latest.covers} are"
            )
            detail = f"{missing} missing at the end: record {latest.covers} was signed at {latest.at}"
            return Problem(Damage.TRUNCATION, last + 1, proven[-1].place, proven[-1].line, detail)
        forged = [claim for claim in beyond if claim.checkpoint.signer in self._keys]
        if forged:
            return _forged(forged[0])
        if self._key_trouble is not None:
            return self._key_trouble
        if self._must_be_signed and not self._confirmed:
            return Problem(Damage.UNSIGNED, 1, "", 0, "no checkpoint of the given key covers any record")
        return None

    def proof(self) -> Proof:
        """What was proven so far."""
        return Proof(len(self._confirmed), self._covered, self._at, tuple(self._signers))

    def _hear(self, claim: Claim, digest: str) -> Problem | None:
        checkpoint = claim.checkpoint
        if not self._is_proven(claim):
            return _forged(claim) if checkpoint.signer in self._keys else None
        if checkpoint.hash != digest:
            first, last = self._covered + 1, checkpoint.covers
            which = f"record {last} is" if first >= last else f"records {first} to {last} are"
            detail = f"{which} not what was signed at {checkpoint.at}: replaced and hashed anew"
            return Problem(Damage.REPLACED, min(first, last), claim.place, claim.line, detail)
        if checkpoint.covers >= self._covered:
            self._covered, self._at = checkpoint.covers, checkpoint.at
        self._confirmed.add(checkpoint)
        self._signers.setdefault(checkpoint.signer)
        return None

    def _is_proven(self, claim: Claim) -> bool:
        """Whether a key that counts has signed it; remembers what is wrong where that cannot be told."""
        checkpoint = claim.checkpoint
        if checkpoint in self._valid:
            return True
        key = self._keys.get(checkpoint.signer)
        if key is None:
            self._key_trouble = self._key_trouble or self._without_key(checkpoint, claim.place, claim.line)
            return False
        if checkpoint.is_signed_by(key):
            self._valid.add(checkpoint)
            return True
        return False

    def _without_key(self, signed: Checkpoint | Prune, place: str, line: int) -> Problem:
        signer, seq = signed.signer, signed.covers
        if not self._keys:
            detail = f"the checkpoints cannot be checked, since their key {signer} is not here"
            return Problem(Damage.NO_KEY, seq, place, line, detail)
        what = "checkpoint of record" if isinstance(signed, Checkpoint) else "pruning up to record"
        detail = f"the {what} {seq} is signed by another key, {signer}"
        return Problem(Damage.FOREIGN_KEY, seq, place, line, detail)


def _forged(claim: Claim) -> Problem:
    seq = claim.checkpoint.covers
    detail = f"the checkpoint of record {seq} is not what its key has signed"
    return Problem(Damage.FORGED, seq, claim.place, claim.line, detail)
