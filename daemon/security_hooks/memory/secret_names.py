"""Which names of variables, keys and options speak of a secret: `DB_PASSWORD`, `clientSecret`, not `nextPageToken`."""

import re

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# What a name ends with.
_ENDS = frozenset(
    [
        "token",
        "secret",
        "secrets",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "pass",
        "apikey",
        "authtoken",
        "credential",
        "credentials",
        "jwt",
        "access_key",
        "account_key",
        "api_key",
        "app_key",
        "auth_key",
        "encryption_key",
        "master_key",
        "private_key",
        "secret_key",
        "service_key",
        "signing_key",
        "shared_key",
        "storage_key",
        "deploy_key",
        "license_key",
        "key_base",
        "secret_string",
        "secret_value",
        "connection_string",
        "auth_token",
    ]
)
# With one of these it is a place in a list, a part of a text, or meant for everybody.
_NONE = frozenset(
    [
        "next",
        "prev",
        "page",
        "pagination",
        "continuation",
        "cursor",
        "sync",
        "resume",
        "starting",
        "start",
        "end",
        "csrf",
        "xsrf",
        "idempotency",
        "upload",
        "download",
        "public",
        "publishable",
        "cancel",
        "cancellation",
        "cache",
        "design",
        "special",
        "max",
        "min",
        "num",
        "count",
        "mask",
        "bos",
        "eos",
        "pad",
        "unk",
        "sep",
        "cls",
        "stop",
        "hash",
        "digest",
        "id",
        "type",
        "name",
        "url",
        "uri",
        "path",
        "file",
        "expires",
        "expiry",
    ]
)


def speaks_of_secret(name: str) -> bool:
    """Whether what is assigned to this name is a secret, if it is a value at all."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or not _NONE.isdisjoint(words):
        return False
    return words[-1] in _ENDS or "_".join(words[-2:]) in _ENDS or "".join(words[-2:]) in _ENDS
