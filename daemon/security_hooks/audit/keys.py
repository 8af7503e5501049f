"""The key that signs checkpoints and attestations, and the public halves that check them.

`STATE/keys/security-hooks-audit.pem` holds the key (Ed25519, PKCS #8), readable for its owner alone; beside it lie the
public halves of all keys there ever were, each named for its id, so that a new key leaves old signatures checkable. An
id is the SHA-256 of the public half in DER. Raises AuditError.
"""

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from security_hooks.audit.failure import AuditError

KEYS = "keys"
# A name of its own: the rule `guard-key` knows it by that in whatever directory the state is kept.
PRIVATE = "security-hooks-audit.pem"
_LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key's public half; two of the same id are the same."""

    id: str
    _key: Ed25519PublicKey

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> bytes:
        """The form that OpenSSL and everybody else reads."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key itself, never shown."""

    public: PublicKey
    _key: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)


def own_key(state: Path) -> SigningKey:
    """The key of this state directory, made if there is none."""
    try:
        if not os.path.lexists(state / KEYS / PRIVATE):
            _make(state / KEYS)
    except OSError as error:
        raise AuditError(f"no key can be made in {state / KEYS}: {error.strerror}") from error
    except UnsupportedAlgorithm as error:
        raise AuditError(f"no key can be made: the OpenSSL of this machine has no Ed25519 ({error})") from error
    return signing_key(state)


def signing_key(state: Path) -> SigningKey:
    """The key of this state directory, which must be there and closed to others."""
    path = state / KEYS / PRIVATE
    try:
        key = load_pem_private_key(_read_private(path), password=None)
    except FileNotFoundError as error:
        raise AuditError(f"there is no key in {path}; the daemon makes it: run `security-hooks start`") from error
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AuditError(f"{path} holds no key; move it away and run `security-hooks restart` for a new one") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditError(f"{path} holds no Ed25519 key; move it away and run `security-hooks restart` for a new one")
    return SigningKey(_named(key.public_key()), key)


def public_keys(state: Path) -> tuple[PublicKey, ...]:
    """The public halves of all keys that this state directory ever had; none where there are none."""
    try:
        return tuple(public_key(path) for path in sorted((state / KEYS).glob("*.pub")))
    except OSError as error:
        raise AuditError(f"{state / KEYS} cannot be read: {error.strerror}") from error


def public_key(path: Path) -> PublicKey:
    """The public half in a PEM file."""
    try:
        with path.open("rb") as file:
            key = load_pem_public_key(file.read(_LARGEST))
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AuditError(f"{path} holds no public key; `security-hooks audit key` prints one") from error
    if not isinstance(key, Ed25519PublicKey):
        raise AuditError(f"{path} holds a public key of another kind than Ed25519")
    return _named(key)


def _named(key: Ed25519PublicKey) -> PublicKey:
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(sha256(encoded).hexdigest(), key)


def _make(directory: Path) -> None:
    """The public half is there before the key is used, and the key appears whole or not at all."""
    directory.mkdir(mode=0o700, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    public = _named(key.public_key())
    _write(directory / f"{public.id}.pub", public.pem())
    _write(directory / PRIVATE, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    beside.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read_private(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise AuditError(f"{path} is no regular file of ours; move it away and run `security-hooks restart`")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise AuditError(f"{path} is open to others, who could sign in our name: chmod 600 {path}")
        return os.read(file, _LARGEST)
    finally:
        os.close(file)
