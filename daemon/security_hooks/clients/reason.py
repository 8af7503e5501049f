"""A decision in words, for the agent and for the person beside it: what was caught, where, what to do instead.

The text is one line without control characters and is cut before it is encoded, escapes counted, so that an answer is
always whole JSON or whole text within what the shim passes on.
"""

import json
import re
from collections.abc import Callable

from security_hooks.model.decision import Basis, Decision, Finding, Verdict
from security_hooks.model.failure import Failure
from security_hooks.model.reply import HookReply

# The line may hold 4,000 characters; the rest is for the JSON around the text.
LONGEST = 3_600
_MOST_FINDINGS = 4
_LONGEST_NUDGE = 1_200
_LONGEST_EVIDENCE = 240
_LONGEST_NAME = 120

# Controls, and what makes text look other than it is (bidirectional marks, zero-width characters), lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LIFT = (
    " A person would have to decide this but cannot be asked here; a person can permit it with an `except` rule or in"
    " the configuration: see `security-hooks explain`."
)

_LIFT_ONCE = (
    " A person would have to decide this but cannot be asked here; a person can permit it once from a terminal of their"
    " own, where `security-hooks asks` shows how."
)

Escape = Callable[[str], str]


def for_json(text: str) -> str:
    """The text as it stands inside an ASCII JSON string."""
    return json.dumps(text)[1:-1]


def for_stderr(text: str) -> str:
    r"""The text as printable ASCII, everything else as `\u00e9`."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def say(decision: Decision, escape: Escape, *, became_deny: bool = False, offered: bool = False) -> str:
    """Why a call is denied or asked about, escaped and at most `LONGEST` characters; never blank.

    `became_deny` marks an ask that this client could not put to a person: then the text says how one lifts it, which
    is by a permit where one was `offered`.
    """
    tail = "" if not became_deny else _LIFT_ONCE if offered else _LIFT
    asks = decision.verdict is Verdict.ASK and not became_deny
    return _cut("security-hooks: " + _why(decision, asks), LONGEST - len(tail), escape) + tail


def say_failure(failure: Failure, escape: Escape) -> str:
    """Why a call that could not be judged is denied; never quotes the request."""
    return _cut("security-hooks: " + _clean(failure.row.agent, _LONGEST_NUDGE), LONGEST, escape)


def message_to_person(line: str) -> HookReply:
    """The answer by which every client shows a line to the person and tells the agent nothing."""
    return HookReply(0, f'{{"systemMessage":"{_cut("security-hooks: " + _clean(line, LONGEST), LONGEST, for_json)}"}}')


def _why(decision: Decision, asks: bool) -> str:
    if decision.failure is not None:
        return _clean(decision.failure.row.agent, _LONGEST_NUDGE)
    telling = [finding for finding in decision.findings if finding.verdict is decision.verdict]
    if decision.verdict is Verdict.DENY:
        telling += [finding for finding in decision.findings if finding.verdict is Verdict.ASK]
    if telling:
        said = "; ".join(map(_caught, telling[:_MOST_FINDINGS]))
        more = len(telling) - _MOST_FINDINGS
        return ("ask a person: " if asks else "denied: ") + said + (f"; and {more} more" if more > 0 else "") + "."
    if decision.verdict is Verdict.ASK and decision.basis is Basis.DEFAULT:
        return "no rule covers this call, and such calls are asked about (`[verdict] default`)."
    return ("a person must decide this call" if asks else "this call is denied") + "; see `security-hooks explain`."


def _caught(finding: Finding) -> str:
    name = _clean(finding.rule, _LONGEST_NAME)
    # The rule's directory tells the agent nothing, and people find it by name. What no rule found has no file.
    where = f" at {_clean(finding.file.rpartition('/')[2], _LONGEST_NAME)}:{finding.line}" if finding.file else ""
    evidence = _clean(finding.evidence, _LONGEST_EVIDENCE)
    nudge = _clean(finding.nudge, _LONGEST_NUDGE).rstrip(".")
    doubt = "" if finding.certain else " (cannot be ruled out)"
    return f"rule {name}{doubt}{where}" + (f" caught `{evidence}`" if evidence else "") + (nudge and f": {nudge}")


def _clean(text: str, longest: int) -> str:
    """One line, nothing unprintable, at most `longest` characters."""
    # What is cut off cannot matter, so that a huge nudge costs no more than a long one.
    line = _UNPRINTABLE.sub("?", " ".join(text[: 2 * longest].split()))
    return line if len(line) <= longest else line[: longest - 3] + "..."


def _cut(text: str, room: int, escape: Escape) -> str:
    escaped = escape(text)
    if len(escaped) <= room:
        return escaped
    left = room - len("...")
    kept: list[str] = []
    for character in text:
        piece = escape(character)
        left -= len(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + "..."
