r"""The values in a tool's output that are worth remembering as secrets. Text in, values out; nothing is kept.

A false find costs an interruption later, whenever the same text goes anywhere, so that this asks for more than
redaction does: a known shape, a name that speaks of a secret, or a place where only a secret stands (`user:HERE@host`);
and in each case a value that nobody writes by chance. Digests, UUIDs, public keys and placeholders do not count.
"""

import re
from collections.abc import Iterator
from itertools import chain

import msgspec
import re2

from security_hooks.memory.key_material import key_material
from security_hooks.memory.secret_names import speaks_of_secret
from security_hooks.secrets.entropy import looks_random
from security_hooks.secrets.shapes import find
from security_hooks.secrets.table import SHAPES

# Letters and digits: what is left of a value once separators are taken out.
LEAST_STRONG = 16
LEAST_PLAIN = 12
LONGEST_PLAIN = 64
# No credential of a known shape is longer but a private key; what is, is some file in base64.
LONGEST = 2_048
_LEAST_DIFFERENT = 8

_ASSIGNED = re2.compile(
    rb"""(?m)(?:^|[\s"'{,;&?(\\]|\\n)(?:export[ \t]+)?-{0,2}([A-Za-z_][A-Za-z0-9_.-]{1,63})\\?["']?[ \t]{0,3}"""
    rb"""(?:=>|:=|[=:])[ \t]{0,3}(\\?["'`]?)([^\s"'`\\<>(){}\[\];,]{12,512})"""
)
_URL = re2.compile(
    rb"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@\"'<>\\`]*:([^\s/:\"'<>\\`@]{8,256})@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PUBLIC = re.compile(r"AAAA[BCE][23]Nza|(?:sha(?:1|224|256|384|512)|md5)[-:=]|[a-z0-9+.-]+://|\$\w*\{?|[<%*@{]")
_INVENTED = re.compile(
    r"(?i)example|placeholder|change.?me|redacted|dummy|x{4}|\*{3}|\.{3}|your|insert|012345678|123456789|abcdefg"
)
# In what a person chose, words like these say that it is none that matters.
_WEAK = re.compile(
    r"(?i)password|passwd|secret|token|test|admin|postgres|sample|default|fake|mock|foobar|qwerty|localhost"
)
_CHAINED = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)*")
_CAMEL = re.compile(r"[A-Z]?[a-z]{2,}")
_SQUEEZED = re.compile(r"[^A-Za-z0-9]+")
_HOSTS = {shape.kind: shape.hosts for shape in SHAPES}
# Found by what stands around them alone: those are looked for here, more strictly.
_LOOSE = frozenset({"password", "secret", "url-password"})


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One value. `kind` is that of its placeholder; `hosts` are those that it is for, as globs. `is_strong`: random
    enough for a piece of it to be known again; of any other value only the whole is.
    """

    value: str
    kind: str
    hosts: tuple[str, ...] = ()
    is_strong: bool = True


def candidates(text: str) -> Iterator[Candidate]:
    """The candidates in a text, in no order; one may come twice."""
    for span in find(text):
        value = text[span.start : span.end]
        if span.kind not in _LOOSE and not value.startswith("[REDACTED:"):
            yield from _shaped(value, span.kind)
    data = text.encode("utf-8", "replace")
    if b"://" in data:
        for match in _URL.finditer(data):
            hosts = (match[2].decode("ascii").lower(),)
            yield from _valued(match[1].decode("utf-8", "replace"), "url-password", hosts, is_written=True)
    if b"=" in data or b":" in data:
        for match in _ASSIGNED.finditer(data):
            name = match[1].decode("ascii")
            if speaks_of_secret(name):
                is_written = bool(match[2]) or (name.isupper() and match[0].find(b"=") >= 0)
                yield from _valued(match[3].decode("utf-8", "replace"), "secret", (), is_written=is_written)


def given(value: str) -> Candidate | None:
    """A value that is known to be a secret (that of an environment variable), if it is worth remembering."""
    shaped = (found for span in find(value) if span.kind not in _LOOSE for found in _shaped(value, span.kind))
    return next(chain(shaped, _valued(value, "secret", (), is_written=True)), None)


def squeezed(text: str) -> str:
    """The letters and digits of a text: what stays the same however it is cut, joined and quoted."""
    return _SQUEEZED.sub("", text)


def _shaped(value: str, kind: str) -> Iterator[Candidate]:
    if kind == "private-key":
        yield from (Candidate(piece, kind) for piece in key_material(value))
        return
    if kind == "jwt":
        # The rest of one is written in the clear, and the same in many.
        value = max(value.rsplit(".", 2)[1:], key=len) if value.count(".") > 2 else value.rpartition(".")[2]
    is_found = kind != "authorization" or _is_random(value)
    if len(value) <= LONGEST and is_found and _is_strong(value) and not _INVENTED.search(value):
        yield Candidate(value, kind, _HOSTS.get(kind, ()))


def _valued(value: str, kind: str, hosts: tuple[str, ...], *, is_written: bool) -> Iterator[Candidate]:
    if _PUBLIC.match(value) or _UUID.fullmatch(value) or _INVENTED.search(value) or value.startswith(("/", "./", "~")):
        # An access key of 40 characters may begin with a slash; it is then remembered without.
        if value.startswith("/") and value.count("/") == 1:
            yield from _valued(value[1:], kind, hosts, is_written=is_written)
        return
    if _is_strong(value) and _is_random(value):
        yield Candidate(value, kind, hosts)
    elif _is_plain(value, is_written=is_written):
        yield Candidate(value, kind, hosts, is_strong=False)


def _is_strong(value: str) -> bool:
    core = squeezed(value)
    return len(core) >= LEAST_STRONG and len(set(core)) >= _LEAST_DIFFERENT and not _UUID.fullmatch(value)


def _is_random(value: str) -> bool:
    """Whether no program has it as a name: `ed25519.PrivateKey` has digits and capitals, too."""
    if "." in value and _CHAINED.fullmatch(value) and 3 * sum(map(len, _CAMEL.findall(value))) >= len(value):
        return False
    return looks_random(value)


def _is_plain(value: str, *, is_written: bool) -> bool:
    """Whether a value that a person may have chosen is one that nobody else writes."""
    core = squeezed(value)
    if not LEAST_PLAIN <= len(core) <= LONGEST_PLAIN or _WEAK.search(value):
        return False
    is_name = _CHAINED.fullmatch(value) is not None
    if is_name and not is_written:
        return False
    kinds = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
    return sum(any(map(kind, value)) for kind in kinds) >= 3 and any(map(str.isdigit, value))
