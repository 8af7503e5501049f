"""Why a verdict is what it is: the rule that decided, the places that made it match, what is not known, and the
smallest edit that would change the verdict; for `security-hooks explain`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.cli.holes import Unknown, unknowns
from security_hooks.cli.underline import place_of, underlined
from security_hooks.cli.visible import visible
from security_hooks.model.decision import Basis, Finding, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.service.judge import Judgement
from security_hooks.service.offline import Offline
from security_hooks.service.trial import Edit, Trial

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Reasons:
    """All of it; `spans` are places in `script`, `runs_as` is what the command at fault folds to where that differs."""

    verdict: Verdict
    script: str
    deciding: Finding | None = None
    spans: tuple[tuple[int, int], ...] = ()
    runs_as: str = ""
    unknown: tuple[Unknown, ...] = ()
    edit: Edit | None = None


def reasons_of(offline: Offline, event: HookEvent, place: Place, judgement: Judgement) -> Reasons:
    """The reasons of a judgement; judges the script again, changed, a bounded number of times."""
    decision, call = judgement.decision, judgement.call
    is_objection = decision.basis is Basis.RULE and decision.would > Verdict.ALLOW
    deciding = decision.findings[0] if is_objection and decision.findings else None
    if call is None or call.script is None:
        return Reasons(decision.would, "", deciding)
    script = call.script
    unknown = unknowns(script)
    if deciding is None:
        return Reasons(decision.would, script.text, unknown=unknown)
    trial = Trial(offline, event, place, judgement)
    command = None if deciding.command is None else script.commands[deciding.command]
    runs_as = "" if command is None or command.text.startswith(command.folded) else command.folded
    if command is not None and command.text not in script.text:
        runs_as = command.folded
    return Reasons(
        decision.would, script.text, deciding, trial.evidence(deciding), runs_as, unknown, trial.smallest_edit()
    )


def reason_lines(reasons: Reasons) -> Iterator[str]:
    """The reasons for a person."""
    deciding = reasons.deciding
    if deciding is not None:
        certainty = "" if deciding.certain else ", in doubt: part of the command is not known"
        yield f"decided by {deciding.tier.value} {deciding.rule} at {deciding.file}:{deciding.line}{certainty}"
        if deciding.nudge:
            yield f"  {visible(deciding.nudge)}"
        marked = list(underlined(reasons.script, reasons.spans))
        yield from (
            ("because of", *(f"  {line}" for line in marked))
            if marked
            else (f"because of: {visible(deciding.evidence)}",)
        )
        if reasons.runs_as:
            yield f"  runs as: {visible(reasons.runs_as)}"
    if reasons.unknown:
        yield "not known"
        for unknown in reasons.unknown:
            where = "in code that is put together" if unknown.at is None else f"line {unknown.at[0]}:{unknown.at[1]}"
            yield f"  {visible(unknown.source)} ({where}): {unknown.comes_from}; known if you {unknown.known_if}"
    edit = reasons.edit
    if edit is not None:
        was = reasons.script[edit.start : edit.end].strip()
        rules = f" ({', '.join(edit.rules)})" if edit.rules else ""
        change = f"{edit.what}: `{was}`" + (f" -> `{edit.instead}`" if edit.instead else "")
        yield f"the smallest edit that makes it {edit.verdict.word}{rules}: {visible(change)}"
        if len(edit.script) <= LONGEST:
            yield from (f"  {visible(line)}" for line in edit.script.split("\n"))


def reason_fields(reasons: Reasons) -> dict[str, object]:
    """The reasons for `--json`; places count characters from 0, lines and columns from 1."""
    deciding, edit, script = reasons.deciding, reasons.edit, reasons.script
    return {
        "decided_by": None
        if deciding is None
        else {"rule": deciding.rule, "tier": deciding.tier.value, "file": deciding.file, "line": deciding.line}
        | {"certain": deciding.certain, "command": deciding.command},
        "because_of": [
            {"start": start, "end": end, "text": script[start:end]} | _place(place_of(script, start))
            for start, end in reasons.spans
        ],
        "runs_as": reasons.runs_as or None,
        "unknown": [
            {"source": unknown.source, "kind": unknown.kind.value, "comes_from": unknown.comes_from}
            | {"known_if": unknown.known_if}
            | _place(unknown.at)
            for unknown in reasons.unknown
        ],
        "smallest_edit": None
        if edit is None
        else {"what": edit.what, "start": edit.start, "end": edit.end, "instead": edit.instead}
        | {"script": edit.script, "verdict": edit.verdict.word, "rules": list(edit.rules)},
    }


def _place(at: tuple[int, int] | None) -> dict[str, object]:
    return {"line": None if at is None else at[0], "column": None if at is None else at[1]}
