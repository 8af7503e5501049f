"""Fields of a record to canonical bytes without secrets.

Secrets are replaced by value, in strings and keys, before JSON escapes anything: known shapes, what a key's name or
the surroundings give away, and the values of the secret environment variables. Each leaves a typed placeholder that
`secrets.shapes.find` recognises. The work is bounded: past `MOST_CHARACTERS` a record's texts are cut, and say so.
"""

import json
import re

import msgspec
import re2

from security_hooks.audit.encode import canonical, is_plain, plain, well_formed
from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.audit.structure import CONTAINERS, structure
from security_hooks.model.record import Json
from security_hooks.secrets.context import assigned, names_secret
from security_hooks.secrets.redaction import without_secrets
from security_hooks.secrets.shapes import HINT

MOST_CHARACTERS = 65_536
# No secret is shorter, with what makes it one; and our own words stay whole when the budget is spent.
SHORTEST = 8
SHORTEST_CUT = 64
_SORTED = msgspec.json.Encoder(order="sorted")
# What may not stand in a placeholder.
_UNFIT = re.compile(r"[^A-Za-z0-9_]")

# A client's everyday word that holds a hint (`pass`); the slow path would be taken for nearly every record.
_HARMLESS = b'"bypassPermissions"'


class Redactor:
    """Encodes fields without secrets; built once for a set of settings, holds no other state."""

    def __init__(self, settings: WriterSettings) -> None:
        self._only_structure = settings.content is Content.STRUCTURE
        # A shorter value is no secret, and replacing it would garble every record.
        self._values = tuple(
            (_UNFIT.sub("_", name)[:100], well_formed(value))
            for name, value in sorted(settings.secret_values.items())
            if len(value) >= SHORTEST
        )
        options = re2.Options()
        options.max_mem = 64 << 20
        escaped = (re2.escape(form) for _, value in self._values for form in _forms(value))
        self._hint = re2.compile(b"|".join((HINT, *escaped)), options)

    def encode(self, fields: dict[str, Json], *, known_plain: bool = False) -> bytes:
        """The canonical encoding of the fields, without secrets. `known_plain`: `is_plain` need not be asked."""
        if self._only_structure:
            fields = structure(fields)
        try:
            encoded = _SORTED.encode(fields)
        except (UnicodeEncodeError, RecursionError, OverflowError):
            return self._encode_slowly(fields)
        looked_at = encoded.replace(_HARMLESS, b'""')
        if (
            len(encoded) > MOST_CHARACTERS
            or self._hint.search(looked_at) is not None
            or not (known_plain or is_plain(fields))
        ):
            return self._encode_slowly(fields)
        return encoded if encoded.isascii() and b"\x7f" not in encoded else canonical(fields)

    def redact(self, text: str) -> str:
        """The text with each secret replaced; doing it again changes nothing."""
        if len(text) < SHORTEST:
            return text
        return without_secrets(text, self._values)

    def _encode_slowly(self, fields: dict[str, Json]) -> bytes:
        redacted, _ = self._walk(plain(fields), None, MOST_CHARACTERS, own=True)
        return canonical(redacted)

    def _walk(self, value: Json, key: str | None, budget: int, *, own: bool) -> tuple[Json, int]:
        """The value redacted, and what is left of the budget.

        `key` is the name that the client put the value under; names in `own` containers are ours.
        """
        if isinstance(value, str):
            return self._text(value, key, budget)
        if isinstance(value, list):
            items: list[Json] = []
            for item in value:
                redacted, budget = self._walk(item, key, budget - 1, own=own)
                if budget < 0:
                    return [*items, redacted, f"[CUT:{len(value)}]"], budget
                items.append(redacted)
            return items, budget
        if isinstance(value, dict):
            members: dict[str, Json] = {}
            for name, item in value.items():
                if own:
                    members[name], budget = self._walk(item, None, budget, own=name in CONTAINERS)
                    continue
                if budget < 0:
                    members[_free("[CUT]", members)] = len(value)
                    break
                shown, budget = self._text(name, None, budget - 1)
                redacted, budget = self._walk(item, name, budget, own=False)
                members[_free(shown, members)] = redacted
            return members, budget
        return value, budget - 1

    def _text(self, text: str, key: str | None, budget: int) -> tuple[str, int]:
        size = len(text)
        if size > max(budget, SHORTEST_CUT):
            # The end of the kept part may be the beginning of a secret, so the word there goes too.
            kept = text[: max(budget, 0)]
            kept = kept[: max(kept.rfind(blank) for blank in " \n\t") + 1]
            return f"{self.redact(kept)}[CUT:{size}]", -1
        if key is not None:
            name = key.rsplit("/", 1)[-1]
            kind = assigned(name, text) if names_secret(name) else None
            if kind is not None and not text.startswith("[REDACTED:"):
                return f"[REDACTED:{kind}]", budget - size
        return self.redact(text), budget - size


def _free(name: str, taken: dict[str, Json]) -> str:
    """The name, numbered where redaction made two keys alike."""
    if name not in taken:
        return name
    number = 2
    while f"{name}#{number}" in taken:
        number += 1
    return f"{name}#{number}"


def _forms(value: str) -> set[bytes]:
    """How a value may stand in JSON."""
    return {json.dumps(value, ensure_ascii=flag)[1:-1].encode() for flag in (True, False)}
