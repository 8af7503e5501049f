r"""Secrets that only what stands around them gives away: passwords in URLs, assignments, headers, options.

Comes in: UTF-8. Goes out: (start, end, kind) in bytes. What is surely no secret (a variable, a call, a type name) is
left alone, since `has_secret` asks here too and must not interrupt ordinary work.
"""

from collections.abc import Iterator

import re2

from security_hooks.secrets.entropy import looks_random

Found = tuple[int, int, str]

# Each pattern has one group, the value; those of `_password` have the name, the separator and the value.
_URL = re2.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@\"'<>\\`]*:([^\s/\"'<>\\`]+)@")
_URL_TOKEN = re2.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^\s/:@\"'<>\\`]{16,})@")
_HEADER = re2.compile(
    rb"(?i)authorization\\*[\"']?\s{0,3}[:=,]\s{0,3}\\*[\"']?\s{0,3}(?:bearer|basic|token|negotiate|apikey|bot|key)?"
    rb"\s{1,3}([A-Za-z0-9+/_=.~:-]{8,})"
)
_BEARER = re2.compile(rb"(?i)\bbearer[ =:]{1,2}([A-Za-z0-9+/_=.~-]{16,})")
_USER = re2.compile(
    rb"\b(?:curl|wget|http|https|xh)\b[^\n;|&]*?\s(?:-u|--user|-a|--auth)[ =]?[\"']?[^\s:\"']+:([^\s\"'\\]+)"
)
_SHORT_OPTION = re2.compile(
    rb"\b(?:sshpass\s+-p\s?|mysql(?:dump|admin|import)?\s[^\n;|&]*?-p|(?:docker|podman|helm)\s[^\n;|&]*?login\s[^\n;|&]*?-p\s+)"
    rb"[\"']?([^\s\"'\\;|&<>-][^\s\"'\\;|&<>]*)"
)
_PASSWORD = re2.compile(
    rb"(?i)((?:--?)?[A-Za-z0-9_.-]*(?:passw(?:or)?d|passphrase|passwd|pwd|\bpass|_pass)[A-Za-z0-9_-]*)"
    rb"(\\*[\"'`]?\s{0,3}(?:=>|:=|[:=])\s{0,3}|\s{1,3})"
    rb"(\\+\"[^\"\\\n]+|\\+'[^'\\\n]+|\"(?:[^\"\\\n]|\\.)+|'[^'\n]+|[^\s\"'`,;&|<>(){}\[\]\\=]"
    rb"(?:[^\s\"'`,;&|<>(){}\[\]\\=]|\"[^\"\n]*\"|'[^'\n]*')*=*)"
)
_NAMES = rb"secret|token|key|auth|cred(?:ential)?s?|cookie|sig(?:nature)?|hmac|salt|bearer|dsn|pat"
_KEYED = re2.compile(
    rb"(?i)(?:"
    + _NAMES
    + rb")[A-Za-z0-9_.-]*[^A-Za-z0-9\n]{1,8}(?:(?:is|was|value|basic|token|bearer)[^A-Za-z0-9\n]{1,4}){0,2}"
    rb"([A-Za-z0-9+/_.~-]{16,}={0,2})"
)
# The key itself, its lines joined by real or escaped line ends, quotes and commas; a header without a key is no secret.
_PEM = re2.compile(
    rb"(-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----(?:\\+[nrt]|[\s\"',\\])*"
    rb"(?:[A-Za-z][A-Za-z-]*: [^\n\\]*(?:\\+[nrt]|\s)+)*"
    rb"(?:[A-Za-z0-9+/=]{16,}(?:\\+[nrt]|[\s\"',\\])*)+"
    rb"(?:[A-Za-z0-9+/=]*(?:\\+[nrt]|[\s\"',\\])*(?:=[A-Za-z0-9+/]{4}(?:\\+[nrt]|[\s\"',\\])*)?"
    rb"-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----)?)"
)
_PUTTY = re2.compile(rb"Private-Lines: [0-9]+((?:(?:\\+[nrt]|\s)+[A-Za-z0-9+/=]{16,})+)")

# Every find contains one of these, also after its text was escaped as JSON: there a line end is two characters, the
# second of them a letter, so that no hint may ask for a boundary before a word.
_ESCAPABLE = rb"(?:[^A-Za-z0-9\n]|\\[bfnrt]|\\u[0-9a-fA-F]{4})"
HINTS = (
    rb"PRIVATE KEY",
    rb"Private-Lines",
    rb"://[^/\s]*@",
    rb"(?i:pass|pwd|authorization|bearer)",
    rb"(?i:"
    + _NAMES
    + rb")[A-Za-z0-9_.-]*"
    + _ESCAPABLE
    + rb"{1,24}(?i:(?:is|was|value|basic|token|bearer)"
    + _ESCAPABLE
    + rb"{1,16}){0,2}[A-Za-z0-9+/_.~-]{16}",
    rb"(?:curl|wget|http|xh)[^;|&]*(?:-u|--user|-a)",
    rb"mysql",
    rb"login[^;|&]*-p",
)

_NAMED = re2.compile(rb"(?i)pass|pwd|authorization|" + _NAMES)

_NO_VALUES = frozenset(
    b"pass none null nil true false password passwd pwd required optional string str bytes text varchar char undefined"
    b" any input env prompt int integer number bool boolean object secretstr unknown self this void default"
    b" option options flag argument arguments and or in is are from for with instead the".split()
)
# Names like `password_file` hold something about a password, not the password.
_ABOUT = (b"file", b"path", b"prompt", b"stdin", b"command", b"cmd", b"field", b"label", b"policy", b"length")
# How much may be read again where a value that was no secret may hold one: a multiple of the text's length.
_REREADS = 4


def private_keys(data: bytes) -> Iterator[Found]:
    """Private key blocks, armoured or in PuTTY's form, with real or escaped line ends."""
    if b"PRIVATE KEY" in data:
        for match in _PEM.finditer(data):
            yield match.start(1), match.end(1), "private-key"
    if b"Private-Lines" in data:
        for match in _PUTTY.finditer(data):
            yield match.start(1), match.end(1), "private-key"


def surrounded(data: bytes) -> Iterator[Found]:
    """Everything that its surroundings alone make a secret, in order of pattern, not of place."""
    if b"://" in data:
        for match in _URL.finditer(data):
            if not _is_reference(match[1]):
                yield match.start(1), match.end(1), "url-password"
        for match in _URL_TOKEN.finditer(data):
            if looks_random(match[1].decode()):
                yield match.start(1), match.end(1), "url-password"
    for pattern, kind in ((_HEADER, "authorization"), (_BEARER, "authorization"), (_USER, "password")):
        for match in pattern.finditer(data):
            if not _is_reference(match[1]) and not match[1].isdigit():
                yield match.start(1), match.end(1), kind
    for match in _SHORT_OPTION.finditer(data):
        if not _is_reference(match[1]):
            yield match.start(1), match.end(1), "password"
    yield from _passwords(data)
    yield from _keyed(data)


def assigned(name: str, value: str) -> str | None:
    """The kind of secret that `value` is under a key called `name` (of a mapping), if it is one."""
    pair = b'%b="%b"' % (name.encode("utf-8", "replace"), value.encode("utf-8", "replace").replace(b'"', b"'"))
    start = pair.index(b'="') + 2
    for found in (*_passwords(pair), *_keyed(pair)):
        if found[0] <= start and found[1] >= len(pair) - 1:
            return found[2]
    return None


def names_secret(name: str) -> bool:
    """Whether a value under this name may be a secret at all."""
    return _NAMED.search(name.encode("utf-8", "replace")) is not None


def _passwords(data: bytes) -> Iterator[Found]:
    position = spent = 0
    while True:
        match = _PASSWORD.search(data, position)
        if match is None:
            return
        start, end = match.span(3)
        value = match[3]
        quotes = len(value) - len(value.lstrip(b"\\\"'")) if value[:1] in b"\\\"'" else 0
        if _is_password(match[1], match[2], value[quotes:], quotes > 0, data[end : end + 1]):
            yield start + quotes, end, "password"
            position = end
        else:
            # The value may hold an assignment of its own.
            spent += end - start
            position = start if spent < _REREADS * len(data) else end


def _keyed(data: bytes) -> Iterator[Found]:
    position = spent = 0
    while True:
        match = _KEYED.search(data, position)
        if match is None:
            return
        start, end = match.span(1)
        if looks_random(match[1].decode("ascii")):
            yield start, end, "secret"
            position = end
        else:
            spent += end - start
            position = start if spent < _REREADS * len(data) else end


def _is_password(name: bytes, separator: bytes, value: bytes, quoted: bool, after: bytes) -> bool:
    assigns = any(sign in separator for sign in b":=")
    if (not assigns and not name.startswith(b"--")) or len(value) < 4 or _is_reference(value):
        return False
    if name.strip(b"-") in (b"PWD", b"OLDPWD") or value.lower() == name.lower():
        return False
    if value[:1] in b"/~.-" and not quoted:
        # A path or an option: `--password-file /run/x`, `PWD=/srv`.
        return False
    if any(word in name.lower() for word in _ABOUT):
        return False
    if quoted:
        return value[:1] not in b",;)]} " and (value.count(b" ") < 3 or b"phrase" in name.lower())
    if after in (b"(", b"["):
        return False
    words = value.replace(b".", b"").replace(b"_", b"")
    if not words.isalpha():
        return True
    # A bare word is a variable's name in most languages; in a shell, an option or a URL it is the value.
    return (
        name.isupper() or name.startswith(b"-") or (b":" in separator and b"." not in value and after in (b"\n", b""))
    )


def _is_reference(value: bytes) -> bool:
    """Whether a value only points at a secret (`$TOKEN`, `${{ x }}`, `%X%`, `<password>`) or stands for one (`***`)."""
    if value.lower() in _NO_VALUES or not any(byte > 0x7F or chr(byte).isalnum() for byte in value):
        return True
    return value[:1] in b"$%<{@*`" or value.startswith((b"[REDACTED:", b"xxx", b"XXX", b"...")) or value[:2] == b"\\$"
