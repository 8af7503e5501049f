import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from security_hooks.memory.key_material import key_material

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
OLD, PKCS8, OPENSSH = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8, PrivateFormat.OpenSSH
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def armoured(key: Key, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def numbers(key: Key) -> tuple[bytes, bytes]:
    """What is private and what is public of a key, as it stands in its files."""
    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        return own.p.to_bytes(128, "big"), own.public_numbers.n.to_bytes(256, "big")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return key.private_numbers().private_value.to_bytes(32, "big"), point
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def holds(pieces: tuple[str, ...], body: str, part: bytes) -> bool:
    """Whether the base64 of a part of the key's bytes is in one of the pieces, wherever it stands."""
    data = base64.b64decode(body)
    places = [at for at in range(len(data)) if data.startswith(part, at)]
    inner = [body[-(-at * 4 // 3) + 4 : (at + len(part)) * 4 // 3 - 4] for at in places]
    return any(text in piece for piece in pieces for text in inner)


@pytest.mark.parametrize(
    ("key", "form"),
    [(RSA, OLD), (RSA, PKCS8), (RSA, OPENSSH), (EC, OLD), (EC, PKCS8), (EC, OPENSSH), (ED, PKCS8), (ED, OPENSSH)],
    ids=["rsa", "rsa-pkcs8", "rsa-openssh", "ec", "ec-pkcs8", "ec-openssh", "ed25519", "ed25519-openssh"],
)
@pytest.mark.parametrize("escaped", [False, True])
def test_the_private_half_is_kept_and_the_public_one_is_not(key: Key, form: PrivateFormat, escaped: bool) -> None:
    text = armoured(key, form)
    body = "".join(text.splitlines()[1:-1])
    pieces = key_material(text.replace("\n", "\\n") if escaped else text)
    private, public = numbers(key)
    assert holds(pieces, body, private)
    assert not holds(pieces, body, public)


def test_an_encrypted_key_is_private_as_a_whole() -> None:
    text = RSA.private_bytes(Encoding.PEM, OLD, BestAvailableEncryption(b"word")).decode()
    (piece,) = key_material(text)
    assert len(piece) > 1_000
    assert key_material("-----BEGIN PRIVATE KEY-----\n" + "x" * 64) == ("x" * 64,)


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nMII\n"])
def test_where_there_is_no_key_nothing_is_kept(text: str) -> None:
    assert key_material(text) == ()


@pytest.mark.parametrize("form", [OLD, OPENSSH])
@pytest.mark.parametrize("size", [200, 700, 1_200])
def test_a_key_that_is_cut_raises_nothing(form: PrivateFormat, size: int) -> None:
    assert all(len(piece) >= 16 for piece in key_material(armoured(RSA, form)[:size]))
