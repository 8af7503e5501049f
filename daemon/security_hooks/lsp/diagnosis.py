"""What is wrong with a policy, as parts of the text in an editor; and the edits that mend what has one remedy.

The findings are those of `rules lint`, by the same function: an editor never says anything else than the command.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from security_hooks.lsp.document import Document, Span
from security_hooks.model.diagnostic import Diagnostic, Level

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"?|[A-Za-z0-9_][A-Za-z0-9_.-]*|[^\s]')
_WORD_MEANT = re.compile(r"`((?:[^`])+)`")
_MEANT = re.compile(r"did you mean `([^`]+)`\?")


@dataclass(frozen=True, slots=True)
class Underlined:
    """A finding and the part of the text that it is about."""

    span: Span
    finding: Diagnostic


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that mends a finding: this text in the span's place."""

    title: str
    span: Span
    text: str
    finding: Diagnostic


def underlined(document: Document, findings: Iterable[Diagnostic]) -> Iterator[Underlined]:
    """The findings about this document, each with the word that it is about; a whole line where it is about a rule.

    Where only other files keep the policy from being built, one finding says so.
    """
    elsewhere: Diagnostic | None = None
    is_refused_here = False
    for finding in findings:
        is_error = finding.level is Level.ERROR
        if finding.file == document.file:
            is_refused_here = is_refused_here or is_error
            yield Underlined(_span(document, finding), finding)
        elif is_error and elsewhere is None:
            elsewhere = finding
    # Of a policy that is refused nothing else is known, so silence here would say too much.
    if elsewhere is not None and not is_refused_here:
        message = f"another file of this policy has an error: {elsewhere}"
        finding = Diagnostic(document.file, 1, 1, "elsewhere", message, level=Level.WARNING)
        yield Underlined(document.line_span(1), finding)


def fixes(document: Document, findings: Iterable[Diagnostic]) -> Iterator[Fix]:
    """An edit for each finding that knows which word was meant."""
    for finding in findings:
        meant = _MEANT.search(finding.hint)
        wrong = _WORD_MEANT.search(finding.message)
        if finding.file != document.file or meant is None or wrong is None or not finding.line:
            continue
        word, better = wrong[1], meant[1]
        if word.startswith("{"):
            better = f"{{{better}}}"
        start = document.offset_of(finding.line, finding.column)
        start += document.text.startswith('"', start)
        # What a list or another line holds is named at a place where it does not stand.
        if document.text.startswith(word, start):
            yield Fix(f"write `{better}`", Span(start, start + len(word)), better, finding)


def _span(document: Document, finding: Diagnostic) -> Span:
    line = document.line_span(finding.line)
    text = document.text[line.start : line.end]
    whole = Span(line.start + len(text) - len(text.lstrip(" \t")), line.start + max(len(text.rstrip(" \t")), 1))
    if finding.line == 0 or finding.column <= 1:
        return whole if whole.start < whole.end else line
    start = document.offset_of(finding.line, finding.column)
    found = _TOKEN.match(document.text, start, line.end)
    # Nobody sees an underline without length: at the end of a line it is under the last character.
    return Span(start, found.end()) if found is not None else Span(max(start - 1, line.start), start)
