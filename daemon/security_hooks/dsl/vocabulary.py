"""What the words that begin a line mean, for people: the reference page and editors say it in these words."""

from collections.abc import Mapping
from dataclasses import dataclass

from security_hooks.dsl.clauses import CLAUSES, EVERY, EXAMPLE
from security_hooks.model.decision import Tier


@dataclass(frozen=True, slots=True)
class TierMeaning:
    """A tier: the verdict that it gives, what it is for in a few words, and the rest of what to know."""

    verdict: str
    meaning: str
    doc: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word that begins a line: how it is written, what it means, which tiers take it (none: no clause)."""

    usage: str
    doc: str
    tiers: frozenset[Tier] = frozenset()


TIERS: Mapping[Tier, TierMeaning] = {
    Tier.BLOCK: TierMeaning(
        "deny",
        "the agent sees the nudge and corrects itself",
        "Where the rule matches, the call does not run. In doubt, its `unknown` clause says whether a person is asked.",
    ),
    Tier.SUSPICIOUS: TierMeaning(
        "ask",
        "a person decides, with the nudge as context",
        "Clients that cannot ask deny instead, and say how a person lifts it.",
    ),
    Tier.ALLOW: TierMeaning(
        "allow, explicit",
        "known to be safe; a script needs an `allow` for each of its commands",
        "A rule that objects wins over it. UNKNOWN never satisfies it, and it covers no command beside which something "
        "stands that it does not speak of: a variable set for it, a redirection into a file, a wrapper.",
    ),
    Tier.WATCH: TierMeaning(
        "none",
        "recorded, never changes the verdict",
        "To see what a rule would catch before it stops anybody.",
    ),
    Tier.EXCEPT: TierMeaning(
        "takes findings away",
        "where it matches, what the rules named in `for` found is dropped",
        "UNKNOWN never satisfies it. Rules that protect the guard itself have no exceptions.",
    ),
}

_CLAUSES: Mapping[str, str] = {
    "nudge": "What the agent reads. Placeholders like `{path}` are filled in from the call; `{{` and `}}` are braces.",
    "unknown": "What a doubt is worth: `ask` asks a person, `pass` only records it. Without the clause the doubtful "
    "predicate decides; where nothing is in doubt it changes nothing.",
    "severity": "How bad it would be; `medium` without the clause. For the record and for whoever reads it.",
    "tags": "Words for the record. `self-protection` belongs to shipped rules and to the system's: such a rule is "
    "never switched off and has no exceptions.",
    "on": 'Only these tools: names as the client has them (`"Bash"`, `"mcp__*"`), or kinds (`shell`, `write`, ...).',
    "client": "Only these clients.",
    "enabled": "`false` switches the rule off; it is still checked.",
    "for": "The rules whose findings the exception takes away.",
    "until": "When the exception ends: `2030-12-31` (its first moment, UTC) or `2030-12-31T18:00+01:00`.",
    "reason": "Why there is an exception.",
}

WORDS: Mapping[str, Word] = {
    "match": Word(
        "match CONDITION",
        "What to catch. Several lines are alternatives. What begins with a name and `(` is a condition, anything else "
        "a pattern (RE2), literal to the end of the line.",
        EVERY,
    ),
    "match_regex": Word("match_regex PATTERN", "What to catch, certainly a pattern.", EVERY),
    "unless": Word(
        "unless CONDITION",
        "What is let off. Several lines are alternatives. UNKNOWN never satisfies it.",
        EVERY,
    ),
    "unless_regex": Word("unless_regex PATTERN", "What is let off, certainly a pattern.", EVERY),
    **{word: Word(kind.usage, _CLAUSES[word], kind.tiers) for word, kind in CLAUSES.items()},
    EXAMPLE: Word(
        'example stop|pass "COMMAND"',
        "A claim that is tried whenever the policy is built: asked alone, in a fictitious place, the rule matches a "
        "`stop` and does not match a `pass`.",
        EVERY,
    ),
    "list": Word('list NAME = "TEXT", OTHER_LIST, ...', "Strings under a name, for arguments of predicates."),
    "macro": Word("macro NAME = CONDITION", "A condition under a name; it is called with empty parentheses: `NAME()`."),
}
