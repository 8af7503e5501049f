"""A signed statement that the oldest records were removed on purpose: up to which, since when, why, and how many. Pure.

It stands as a record of its own in the chain, written before anything is removed, and beside the log as checkpoints do.
`hash` is that of the last record removed, to which the first one kept links: so it is about this chain and no other.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping

import msgspec

from security_hooks.audit.dsse import encoded_for_signing
from security_hooks.audit.encode import canonical
from security_hooks.audit.keys import PublicKey, SigningKey
from security_hooks.model.record import Json

PAYLOAD_TYPE = "application/vnd.security-hooks.prune+json"


class Prune(msgspec.Struct, frozen=True):
    """`first` to `through` are the records removed. `by` is `retention` or `person`, `limit` what they were over.

    `undelivered` says of sinks how many of the records they had not taken.
    """

    at: str
    first: int
    through: int
    hash: str
    by: str
    limit: str
    undelivered: Mapping[str, int]
    signer: str
    signature: str = ""

    @property
    def covers(self) -> int:
        """The last record that it is about."""
        return self.through

    def fields(self) -> dict[str, Json]:
        """What a record of it holds."""
        return {**self._signed(), "signature": self.signature}

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is this key's."""
        try:
            return key.has_signed(self._message(), b64decode(self.signature, validate=True))
        except (binascii.Error, ValueError):
            return False

    def signed(self, key: SigningKey) -> "Prune":
        """The same, with the signature of the key that it names."""
        return msgspec.structs.replace(self, signature=b64encode(key.sign(self._message())).decode())

    def _message(self) -> bytes:
        return encoded_for_signing(PAYLOAD_TYPE, canonical(self._signed()))

    def _signed(self) -> dict[str, Json]:
        return {
            "at": self.at,
            "by": self.by,
            "first": self.first,
            "hash": self.hash,
            "limit": self.limit,
            "signer": self.signer,
            "through": self.through,
            "undelivered": dict(self.undelivered),
        }


def decode_prune(data: bytes) -> Prune | None:
    """The statement in a line kept beside the log; None where it is none."""
    try:
        return msgspec.json.decode(data, type=Prune)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


class _Record(msgspec.Struct, frozen=True):
    kind: str
    fields: msgspec.Raw


def prune_of(line: bytes) -> Prune | None:
    """The statement in a line of the log; None where the record is of another kind or its fields are none."""
    try:
        record = msgspec.json.decode(line, type=_Record)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return decode_prune(bytes(record.fields)) if record.kind == "prune" else None
