"""What of a script made a rule match, and the smallest edit that would change the verdict: found by judging again.

Nothing here knows a rule or a predicate. Parts of the text are taken out or replaced, the script is judged as if it had
been written so, and what is claimed of it is what that judgement says. The number of judgements is bounded.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from security_hooks.model.decision import Basis, Finding, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.service.edits import Cut, applied, edits
from security_hooks.service.journal import rule_names
from security_hooks.service.judge import Judgement
from security_hooks.service.offline import Offline
from security_hooks.shell.parts import Part, PartKind, parts_of

# For each of the two questions.
MOST_JUDGEMENTS = 200
# A script this long is judged once more; shorter ones as much more often.
MOST_CHARACTERS = 400_000

_LARGE = frozenset({PartKind.COMMAND, PartKind.STAGE})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a script, judged: `start` and `end` are places in the script as it was."""

    what: str
    start: int
    end: int
    instead: str
    script: str
    verdict: Verdict
    rules: tuple[str, ...]


class Trial:
    """A judged script that is judged again with parts of it changed; keeps count of the judgements."""

    def __init__(self, offline: Offline, event: HookEvent, place: Place, judgement: Judgement) -> None:
        call = judgement.call
        self._offline = offline
        self._event = event
        self._place = place
        self._decision = judgement.decision
        self._script = "" if call is None or call.script is None else call.script.text
        self._commands = () if call is None or call.script is None else call.script.commands
        self._parts = parts_of(self._script, self._commands) if self._script else ()
        self._most = self._left = min(MOST_JUDGEMENTS, MOST_CHARACTERS // max(len(self._script), 1))

    def evidence(self, finding: Finding) -> tuple[tuple[int, int], ...]:
        """The places of a script that suffice for the rule to match as it did, in order: of what is left, nothing can
        go. More than that where the judgements do not last; empty where the tool has no script.
        """
        self._left = self._most
        gone: list[Cut] = []
        kept = set(self._parts)
        large = [part for part in self._parts if part.kind in _LARGE]
        beside = self._beside(large, finding)
        if beside and self._persists(beside, finding):
            gone += beside
            kept -= {part for part in kept for cut in beside if cut.start <= part.start and part.end <= cut.end}
        for part in reversed(large):
            if part in kept:
                kept -= self._try(part, ":", gone, finding)
        small = [part for part in self._parts if part in kept and part.kind not in (*_LARGE, PartKind.UNKNOWN)]
        for part in reversed(small):
            if part in kept:
                kept -= self._try(part, "", gone, finding)
        left = [part for part in small if part in kept]
        # Of a word that holds code, only what counts in that code.
        spans = [(part.start, part.end) for part in left if not any(_holds(part, other) for other in left)]
        # Where no word counts, it is the text as a whole.
        return _joined(self._script, spans or [(0, len(self._script.rstrip()))])

    def smallest_edit(self) -> Edit | None:
        """The smallest edit whose verdict is better, with that verdict; None where none was found."""
        self._left = self._most
        for cut in edits(self._script, self._parts, self._commands):
            script = applied(self._script, (cut,))
            if not script.strip():
                continue
            judgement = self._judge(script)
            if judgement is None:
                return None
            decision, call = judgement.decision, judgement.call
            is_whole = call is not None and call.script is not None and call.script.problem is None
            if decision.would < self._decision.would and is_whole and decision.basis is not Basis.FAILURE:
                rules = tuple(rule_names(decision))
                return Edit(cut.what, cut.start, cut.end, cut.instead, script, decision.would, rules)
        return None

    def _judge(self, script: str) -> Judgement | None:
        """The script judged in place of the one that was asked about; None once there were enough judgements."""
        tool = self._event.tool
        if self._left <= 0 or tool is None:
            return None
        self._left -= 1
        strings = tuple(
            replace(string, value=script) if string.value == tool.script else string for string in tool.strings
        )
        changed = replace(self._event, tool=replace(tool, script=script, strings=strings))
        return self._offline.placed(changed, self._place)

    def _beside(self, large: list[Part], finding: Finding) -> list[Cut]:
        """All commands but the one that the finding names, to be taken out at once."""
        if finding.command is None:
            return []
        start, end = self._commands[finding.command].span
        return [Cut(part.start, part.end, ":", "") for part in large if part.end <= start or part.start >= end]

    def _try(self, part: Part, instead: str, gone: list[Cut], finding: Finding) -> set[Part]:
        """Take a part out for good where the finding stays without it: all parts that are gone by that."""
        if self._script[part.start : part.end] == instead:
            return set()
        cut = Cut(part.start, part.end, instead, "")
        outer = [old for old in gone if not (part.start <= old.start and old.end <= part.end)]
        if not self._persists([*outer, cut], finding):
            return set()
        gone[:] = [*outer, cut]
        return {other for other in self._parts if part.start <= other.start and other.end <= part.end}

    def _persists(self, cuts: list[Cut], finding: Finding) -> bool:
        judgement = self._judge(applied(self._script, cuts))
        return judgement is not None and any(
            other.rule == finding.rule and other.verdict is finding.verdict for other in judgement.decision.findings
        )


def _holds(part: Part, other: Part) -> bool:
    return part.command != other.command and part.start <= other.start and other.end <= part.end


def _joined(text: str, spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans without those inside of others, joined where only blanks are between them."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and (start <= joined[-1][1] or not text[joined[-1][1] : start].strip(" \t")):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
