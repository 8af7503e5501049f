"""Signs requests as Standard Webhooks 1.0 has it, so that receivers need no code of ours to check them. Pure.

HMAC-SHA256 over `ID.TIMESTAMP.BODY`, in base64 behind `v1,`. A secret that begins with `whsec_` is base64 after that;
any other is taken as it is.
"""

import base64
import binascii
import hashlib
import hmac

_PREFIX = b"whsec_"


def key_of(secret: bytes) -> bytes | None:
    """The key that a secret stands for; None where it says that it is base64 and is not."""
    if not secret.startswith(_PREFIX):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True) or None
    except binascii.Error:
        return None


def signed_headers(key: bytes, identity: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that a receiver checks; `timestamp` is Unix time in seconds."""
    content = b"%b.%d.%b" % (identity.encode(), timestamp, body)
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{digest}",
    }
