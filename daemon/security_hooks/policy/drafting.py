"""Drafts of rules, tried: each compiled together with the whole policy, its examples run, until one holds."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.build import BuildCache
from security_hooks.policy.propose import Draft
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.policy.trial import build_without_failing


def first_sound(
    drafts: Iterable[Draft], path: str, before: bytes, sources: Sources, catalogue: Catalogue
) -> Draft | None:
    """The first draft that stops what it is for, without the examples of it that do not hold; None if none does.

    It is tried as if it stood at the end of `before`, the present bytes of the file at `path`. Raises PolicyError where
    a draft cannot be part of the policy, or the policy is broken without it.
    """
    cache = BuildCache()
    others = tuple(file for file in sources.rules if file.path != path)
    for draft in drafts:
        held = _tried(draft, path, before, msgspec.structs.replace(sources, rules=others), cache, catalogue)
        if draft.stops[:1] == held.stops[:1] and held.passes:
            return held
    return None


def appended(before: bytes, text: str) -> bytes:
    """The file with the rule at its end, an empty line between."""
    if not before.strip():
        return before + text.encode()
    return before.rstrip(b"\r\n") + b"\n\n" + text.encode()


def _tried(draft: Draft, path: str, before: bytes, others: Sources, cache: BuildCache, catalogue: Catalogue) -> Draft:
    data = appended(before, draft.text)
    file = RuleFile("user", path, data)
    sources = msgspec.structs.replace(others, rules=(*others.rules, file))
    _, failed = build_without_failing(sources, cache, catalogue)
    elsewhere = tuple(found for found in failed if found.file != path)
    if elsewhere:
        raise PolicyError(elsewhere)
    first = data[: len(data) - len(draft.text.encode())].count(b"\n") + 1
    wrong = {draft.text.split("\n")[found.line - first] for found in failed if found.line >= first}
    lines = draft.text.splitlines()
    examples = [line for line in lines if line.strip().startswith("example ")]
    kept = [line not in wrong for line in examples]
    stops, passes = kept[: len(draft.stops)], kept[len(draft.stops) :]
    return replace(
        draft,
        stops=tuple(text for text, holds in zip(draft.stops, stops, strict=True) if holds),
        passes=tuple(text for text, holds in zip(draft.passes, passes, strict=True) if holds),
    )
