"""Signatures that receivers check with libraries of their own."""

import pytest

from security_hooks.insight.sinks.signature import key_of, signed_headers


def test_it_is_what_standard_webhooks_computes() -> None:
    # The example that the libraries of Standard Webhooks are tested with.
    key = key_of(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert key is not None
    assert signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [(b"plain", b"plain"), (b"whsec_YWJj", b"abc"), (b"whsec_", None), (b"whsec_a", None), (b"whsec_!!!!", None)],
)
def test_a_secret_is_taken_as_it_is_or_as_base64(secret: bytes, key: bytes | None) -> None:
    assert key_of(secret) == key


def test_everything_that_is_sent_is_signed() -> None:
    signatures = {
        signed_headers(key, identity, at, body)["webhook-signature"]
        for key, identity, at, body in [
            (b"k", "a", 1, b"x"),
            (b"l", "a", 1, b"x"),
            (b"k", "b", 1, b"x"),
            (b"k", "a", 2, b"x"),
            (b"k", "a", 1, b"y"),
        ]
    }
    assert len(signatures) == 5
