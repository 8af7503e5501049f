"""The whole check of a log: its chain, the checkpoints in it and beside it, and the keys that signed them."""

from collections.abc import Iterable
from pathlib import Path

from security_hooks.audit.keys import PublicKey, public_keys
from security_hooks.audit.ledger import LEDGER, kept
from security_hooks.audit.reader import whole_log
from security_hooks.audit.verify import Report, verify
from security_hooks.audit.witness import Claim, Witness


def prove(state: Path, pinned: tuple[PublicKey, ...] = (), elsewhere: Iterable[Path] = ()) -> Report:
    """Check the log of a state directory; raises AuditError where something cannot be read."""
    return verify(whole_log(state / "audit"), witness_of(state, pinned, elsewhere))


def witness_of(state: Path, pinned: tuple[PublicKey, ...] = (), elsewhere: Iterable[Path] = ()) -> Witness:
    """All that is known from outside the log; raises AuditError where something cannot be read.

    Without `pinned` the keys of the state directory count. With them they alone do, and a log that they have not signed
    is no good. `elsewhere` are more files of checkpoints, kept where whoever changed the log could not reach them.
    """
    places = (state / LEDGER, *elsewhere)
    claims = [Claim(checkpoint, str(place), line) for place in places for line, checkpoint in kept(place)]
    return Witness(pinned or public_keys(state), claims, must_be_signed=bool(pinned))
