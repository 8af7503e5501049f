import json
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # documented, yet in no `__all__`

from security_hooks.audit.dsse import Opened, Unproven, encoded_for_signing, open_envelope, seal_envelope
from security_hooks.audit.keys import SigningKey, own_key, public_key

KIND = "application/vnd.example+json"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return own_key(tmp_path)


def why(opened: Opened | Unproven) -> str:
    assert isinstance(opened, Unproven)
    return opened.detail


def test_the_encoding_is_that_of_the_specification() -> None:
    """The example of the DSSE protocol's own text."""
    encoded = encoded_for_signing("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_what_was_sealed_opens(key: SigningKey) -> None:
    opened = open_envelope(seal_envelope(KIND, b'{"a":1}', key), KIND, (key.public,))
    assert opened == Opened(b'{"a":1}', key.public)


def test_others_read_our_envelopes(key: SigningKey, tmp_path: Path) -> None:
    envelope = Envelope.from_dict(json.loads(seal_envelope(KIND, b'{"a":1}', key)))
    loaded = load_pem_public_key(key.public.pem())
    assert isinstance(loaded, Ed25519PublicKey)
    theirs = SSlibKey.from_crypto(loaded, keyid=key.public.id)
    assert envelope.verify([theirs], 1) == {key.public.id: theirs}


def test_a_signature_under_another_name_counts(key: SigningKey) -> None:
    sealed = seal_envelope(KIND, b"x", key).replace(key.public.id.encode(), b"somebody")
    assert isinstance(open_envelope(sealed, KIND, (key.public,)), Opened)


def test_what_proves_nothing_says_why(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = own_key(tmp_path / "other")
    sealed = seal_envelope(KIND, b"x", key)
    assert "is none of the given keys" in why(open_envelope(sealed, KIND, (other.public,)))
    assert "holds `application/vnd.example+json`" in why(open_envelope(sealed, "text/plain", (key.public,)))
    changed = sealed.replace(b64encode(b"x"), b64encode(b"y"))
    assert "changed after it was signed" in why(open_envelope(changed, KIND, (key.public,)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"payloadType":"application/vnd.example+json","payload":"eA==","signatures":[]}',
        b'{"payloadType":"application/vnd.example+json","payload":"!","signatures":[{"sig":"eA=="}]}',
        b'{"payloadType":"application/vnd.example+json","payload":"eA==","signatures":[{"sig":"eA=="}]}',
        b'{"payloadType":"application/vnd.example+json","payload":"eA==","signatures":[{"sig":"\xc3\xa9"}]}',
        b"[" * 100_000,
    ],
)
def test_nonsense_proves_nothing(data: bytes, key: SigningKey) -> None:
    assert why(open_envelope(data, KIND, (key.public,)))


def test_a_type_cannot_be_passed_off_as_another(key: SigningKey) -> None:
    sealed = seal_envelope(KIND, b"x", key).replace(KIND.encode(), b"text/plain")
    assert "changed after it was signed" in why(open_envelope(sealed, "text/plain", (key.public,)))


def test_a_public_half_survives_its_file(key: SigningKey, tmp_path: Path) -> None:
    path = tmp_path / "k.pub"
    path.write_bytes(key.public.pem())
    assert public_key(path).id == key.public.id
