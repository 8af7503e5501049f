"""Paths that a text of an unknown language mentions: nobody knows what the code does with them, but it names them."""

import re

from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.reading import Inline, RawEffect, Value
from security_hooks.shell.limits import Budget

# An absolute path or one below a home, where something may begin: behind a quote, a bracket, a blank, a mark.
_PATH = re.compile(r"(?:(?<=[\s\"'`(\[{<>=,;:@|])|\A)(?:~[\w-]*)?/[\w.+~@%-][\w./+~@%-]*")
_MOST = 200
_MOST_CODE = 1 << 16


def read_mentions(code: Value, budget: Budget) -> Inline:
    """Each path in the text, as something that the code perhaps reads, writes or deletes."""
    found: dict[str, None] = {}
    for part in code:
        if not isinstance(part, str):
            continue
        if len(part) > _MOST_CODE or not budget.spend(1 + (len(part) >> 8)):
            return Inline(over_budget=True)
        for match in _PATH.finditer(part):
            found[match[0].rstrip(".")] = None
            if len(found) > _MOST:
                return Inline(_named(found), over_budget=True)
    return Inline(_named(found))


def _named(paths: dict[str, None]) -> tuple[RawEffect, ...]:
    return tuple(RawEffect(EffectKind.NAMES, (path,), certain=False) for path in paths)
