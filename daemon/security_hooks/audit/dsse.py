"""What is signed, and the envelope that carries it: DSSE (Dead Simple Signing Envelope, version 1.0.2). Pure.

A signature is over the pre-authentication encoding, which binds the type of the payload: what was signed as one kind
of statement can never be passed off as another.
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass

import msgspec

from security_hooks.audit.keys import PublicKey, SigningKey


class Signature(msgspec.Struct, frozen=True):
    """One signature: base64 of its bytes, and a hint at the key."""

    sig: str
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True, rename="camel"):
    """A payload in base64 with its type and its signatures."""

    payload_type: str
    payload: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What was signed, and by which of the keys."""

    payload: bytes
    key: PublicKey


@dataclass(frozen=True, slots=True)
class Unproven:
    """Why something proves nothing: one line that says what is wrong."""

    detail: str


def encoded_for_signing(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes that a signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal_envelope(payload_type: str, payload: bytes, key: SigningKey) -> bytes:
    """The payload, signed, as one line of JSON without a newline."""
    signature = key.sign(encoded_for_signing(payload_type, payload))
    signed = Signature(b64encode(signature).decode(), key.public.id)
    return msgspec.json.encode(Envelope(payload_type, b64encode(payload).decode(), (signed,)))


def open_envelope(data: bytes, payload_type: str, keys: tuple[PublicKey, ...]) -> Opened | Unproven:
    """The payload, if it is of this type and one of `keys` signed it.

    As the specification has it, the key's id in the envelope is a hint and proves nothing: every key is tried.
    """
    try:
        envelope = msgspec.json.decode(data, type=Envelope)
        payload = b64decode(envelope.payload, validate=True)
        signatures = [b64decode(signature.sig, validate=True) for signature in envelope.signatures]
    except (msgspec.MsgspecError, binascii.Error, ValueError, RecursionError) as error:
        return Unproven(f"it is no DSSE envelope: {error}")
    if envelope.payload_type != payload_type:
        return Unproven(f"it holds `{envelope.payload_type}`, not `{payload_type}`")
    message = encoded_for_signing(payload_type, payload)
    for key in keys:
        if any(key.has_signed(message, signature) for signature in signatures):
            return Opened(payload, key)
    named = ", ".join(signature.keyid or "one without a name" for signature in envelope.signatures)
    if any(signature.keyid == key.id for signature in envelope.signatures for key in keys):
        return Unproven("the signature is not that of its content: it was changed after it was signed")
    return Unproven(f"it is signed by {named or 'nobody'}, which is none of the given keys")
