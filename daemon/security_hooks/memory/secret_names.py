"""Which names of variables, keys and options speak of a secret: `DB_PASSWORD`, `clientSecret`, not `nextPageToken`."""

import re

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# What a name ends with.
_ENDS = re.compile(
    r"(?:^|_)(?:tokens?|secrets?|passwords?|passwd|passphrase|pwd|pass|apikey|authtoken|credentials?|jwt|key_base"
    r"|(?:access|account|api|app|auth|encryption|master|private|secret|service|signing|shared|storage|deploy)_key"
    r"|secret_(?:string|value)|connection_string)$"
)
# With one of these it is a place in a list, a part of a text, or meant for everybody.
_NONE = re.compile(
    r"(?:^|_)(?:next|prev|page|pagination|continuation|cursor|sync|resume|start|starting|end|csrf|xsrf|idempotency"
    r"|upload|download|public|publishable|cancel|cancellation|cache|design|special|max|min|num|count|mask|bos|eos|pad"
    r"|unk|sep|cls|stop)(?:_|$)"
)


def speaks_of_secret(name: str) -> bool:
    """Whether what is assigned to this name is a secret, if it is a value at all."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    joined = "_".join(words)
    return _ENDS.search(joined) is not None and _NONE.search(joined) is None
