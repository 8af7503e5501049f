"""A decision and whose work the call would throw away, to the decision that follows from both.

Asks name whose work it is. An ask of a rule tagged `discards` is taken away only where nothing is at stake or all of it
is the session's own, by a command that is known to throw away nothing else. A denial stays, and so does an ask of any
other rule.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from security_hooks.memory.authors import Author, Held
from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.work import Discard, Discards, Loss, Stake, Stakes
from security_hooks.secrets.redaction import without_secrets

TAG = "discards"
RULE = "others-work"
MOST_NAMED = 4
LONGEST_NAME = 80
_NANO = 1_000_000_000
_AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


class Weighed(msgspec.Struct, frozen=True):
    """A discard, what was found at stake, and whose each of the stakes is."""

    discard: Discard
    stakes: Stakes
    holders: tuple[Held, ...]


class Teller(msgspec.Struct, frozen=True):
    """How things are called in front of people: `project` is cut off paths, `name` calls a session by its family;
    `now` is Unix time in nanoseconds.
    """

    project: str
    name: Callable[[str], str]
    now: int


def is_tagged(finding: Finding) -> bool:
    """Whether this is an ask that whose work it is may change."""
    return finding.verdict is Verdict.ASK and TAG in finding.tags


def reworded(decision: Decision, weighed: Sequence[Weighed], teller: Teller) -> Decision:
    """The decision with asks that name whose work it is, where it is somebody else's."""
    findings = [
        replace(finding, nudge=nudge)
        if is_tagged(finding) and (nudge := _objection(_of(finding, weighed), finding.evidence, teller))
        else finding
        for finding in decision.findings
    ]
    return replace(decision, findings=tuple(findings))


def liftable(finding: Finding, weighed: Sequence[Weighed], discards: Discards) -> str:
    """Why nobody need be asked for this finding; empty where somebody must."""
    mine = _of(finding, weighed)
    if not finding.certain or not mine or not discards.is_alone or discards.is_cut:
        return ""
    if any(not one.discard.is_exact or one.stakes.missing or one.stakes.notes for one in mine):
        return ""
    holders = [held for one in mine for held in one.holders]
    if any(held.author is not Author.OWN for held in holders):
        return ""
    if not holders:
        return "it would discard nothing that is not committed"
    files = f"{len(holders)} file{'s' if len(holders) > 1 else ''}"
    return f"what it would discard is this session's own: {files}"


def deletion(weighed: Iterable[Weighed], teller: Teller) -> Finding | None:
    """The ask about files of somebody else's that a call deletes, and that git cannot give back."""
    files = [one for one in weighed if one.discard.loss is Loss.FILES]
    nudge = _objection(files, "", teller)
    if not nudge:
        return None
    command = next(one.discard.command for one in files if _anothers(one))
    # The same for the same files at any time: a permit for this call is one for these.
    paths = (_plain(_short(stake.path, teller.project)) for one in files for stake in _anothers(one))
    evidence = without_secrets(_listed(list(dict.fromkeys(paths)), MOST_NAMED))
    return Finding(RULE, Tier.SUSPICIOUS, True, Verdict.ASK, nudge, evidence, command, "", 0, Severity.MEDIUM)


def _of(finding: Finding, weighed: Sequence[Weighed]) -> list[Weighed]:
    return [one for one in weighed if one.discard.command == finding.command and one.discard.loss is not Loss.FILES]


def _anothers(one: Weighed) -> list[Stake]:
    both = zip(one.stakes.stakes, one.holders, strict=True)
    return [stake for stake, held in both if held.author in (Author.PERSON, Author.SESSION)]


def _objection(mine: Sequence[Weighed], command: str, teller: Teller) -> str:
    named = _told(mine, teller)
    notes = [note for one in mine for note in one.stakes.notes]
    if not named and not notes:
        return ""
    what = f"`{_plain(command)}`" if command else "This"
    said = []
    if named:
        own = sum(held.author is Author.OWN for one in mine for held in one.holders)
        also = f"; and {own} file{'s' if own > 1 else ''} of its own" if own else ""
        verb = "discard" if command else "delete"
        said.append(f"{what} would {verb} work that is not this session's: {_listed(named, MOST_NAMED)}{also}")
    if notes:
        told = [f"{_plain(words)} ({_ago(teller.now - at * _NANO)})" for words, at in notes]
        said.append(f"{what if not named else 'It'} is about what is stashed: {_listed(told, MOST_NAMED)}")
    return without_secrets(". ".join(said) + ". A person should decide; commit or stash what is to be kept")


def _told(mine: Iterable[Weighed], teller: Teller) -> list[str]:
    told: dict[str, None] = {}
    for one in mine:
        for stake, held in zip(one.stakes.stakes, one.holders, strict=True):
            if held.author is Author.SESSION:
                by = teller.name(held.family)
            elif held.author is Author.PERSON:
                by = "a person"
            else:
                continue
            told[f"{_plain(_short(stake.path, teller.project))} (by {by}, {_ago(teller.now - held.at)})"] = None
    return list(told)


def _listed(told: Sequence[str], most: int) -> str:
    more = len(told) - most
    return ", ".join(told[:most]) + (f" and {more} more" if more > 0 else "")


def _short(path: str, project: str) -> str:
    return path[len(project) + 1 :] if project and path.startswith(f"{project}/") else path


def _plain(text: str) -> str:
    """The text without what a terminal would act on, and not too long."""
    plain = "".join(char if char.isprintable() and not "\ud800" <= char <= "\udfff" else "?" for char in text)
    return plain if len(plain) <= LONGEST_NAME else f"...{plain[-LONGEST_NAME:]}"


def _ago(nanoseconds: int) -> str:
    seconds = max(0, nanoseconds) // _NANO
    for size, word in _AGES:
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
