"""A signed checkpoint: which record the log had reached, its hash, when, and under which policy. Pure.

The chain shows that nothing before its end was changed; a checkpoint shows where the end was. It stands as a record of
its own in the chain, and the same fields beside the log. The signature is DSSE's, over the canonical encoding of the
fields without `signature`.
"""

import binascii
from base64 import b64decode, b64encode

import msgspec

from security_hooks.audit.dsse import encoded_for_signing
from security_hooks.audit.encode import canonical
from security_hooks.audit.keys import PublicKey, SigningKey
from security_hooks.model.record import Json

PAYLOAD_TYPE = "application/vnd.security-hooks.checkpoint+json"


class Checkpoint(msgspec.Struct, frozen=True):
    """`covers` is the sequence number of the last record covered, `hash` its hash, `signer` the id of the key."""

    at: str
    covers: int
    hash: str
    policy: str
    signer: str
    signature: str = ""

    def fields(self) -> dict[str, Json]:
        """What a record of it holds."""
        return {**self._signed(), "signature": self.signature}

    def message(self) -> bytes:
        """The bytes that the signature is over."""
        return encoded_for_signing(PAYLOAD_TYPE, canonical(self._signed()))

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is this key's."""
        try:
            return key.has_signed(self.message(), b64decode(self.signature, validate=True))
        except (binascii.Error, ValueError):
            return False

    def _signed(self) -> dict[str, Json]:
        return {
            "at": self.at,
            "covers": self.covers,
            "hash": self.hash,
            "policy": self.policy,
            "signer": self.signer,
        }


def sign_checkpoint(head: tuple[int, str], at: str, policy: str, key: SigningKey) -> Checkpoint:
    """The checkpoint of a log whose last record has this number and hash; `at` from `encode.timestamp`."""
    unsigned = Checkpoint(at, *head, policy, key.public.id)
    signature = b64encode(key.sign(unsigned.message())).decode()
    return msgspec.structs.replace(unsigned, signature=signature)


def decode_checkpoint(data: bytes) -> Checkpoint | None:
    """The checkpoint in a line kept beside the log; None where it is none."""
    try:
        return msgspec.json.decode(data, type=Checkpoint)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


class _Record(msgspec.Struct, frozen=True):
    kind: str
    fields: msgspec.Raw


def checkpoint_of(line: bytes) -> Checkpoint | None:
    """The checkpoint in a line of the log; None where the record is of another kind or its fields are no checkpoint."""
    try:
        record = msgspec.json.decode(line, type=_Record)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return decode_checkpoint(bytes(record.fields)) if record.kind == "checkpoint" else None
