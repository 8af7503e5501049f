"""The reference page of tiers and clauses, made from what the language itself says of them."""

import re
from collections.abc import Iterator

from security_hooks.dsl.clauses import CLAUSES
from security_hooks.dsl.nudge import PLACEHOLDERS, RULE
from security_hooks.dsl.vocabulary import TIERS, WORDS, Word
from security_hooks.model.decision import Tier

_HEAD = """# Tiers and clauses

Made from `daemon/security_hooks/dsl/vocabulary.py` by `security-hooks docs`; edit that, not this page.
[The rules language](rules-language.md) explains them in their order, [predicates](predicates.md) what stands in a
condition, and [the shipped rules](rules.md) are examples of all of it.
"""


def render() -> str:
    """The page as Markdown."""
    text = "\n".join((_HEAD, *_tiers(), *_clauses())).rstrip()
    return re.sub(r"\n{3,}", "\n\n", text) + "\n"


def _tiers() -> Iterator[str]:
    yield "| Tier | Verdict | Meaning |"
    yield "| --- | --- | --- |"
    for tier, meaning in TIERS.items():
        yield f"| [`{tier.value}`](#{tier.value}) | {meaning.verdict} | {meaning.meaning} |"
    yield ""
    for tier, meaning in TIERS.items():
        taken = ", ".join(f"`{word}`" for word, found in WORDS.items() if tier in found.tiers)
        yield from (f"## `{tier.value}`", "", f"Verdict: {meaning.verdict}. {_sentence(meaning.meaning)}", "")
        yield from (meaning.doc, "", f"Clauses: {taken}.", "")


def _clauses() -> Iterator[str]:
    for word, found in WORDS.items():
        yield from (f"## `{found.usage}`", "", found.doc, "")
        yield from (f"* {line}" for line in _particulars(word, found))
        yield ""


def _particulars(word: str, found: Word) -> Iterator[str]:
    if found.tiers and len(found.tiers) < len(Tier):
        yield f"In: {', '.join(f'`{tier.value}`' for tier in Tier if tier in found.tiers)}"
    kind = CLAUSES.get(word)
    if kind is not None and kind.choices:
        yield f"Values: {', '.join(f'`{choice}`' for choice in kind.choices)}"
    if word == "nudge":
        yield f"Placeholders: {', '.join(f'`{{{name}}}`' for name in sorted((*PLACEHOLDERS, RULE)))}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
