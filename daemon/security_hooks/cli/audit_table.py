"""Records as rows for people: one line each, nothing in them that a terminal would obey."""

import json
from typing import TextIO

from rich.console import Console
from rich.text import Text

from security_hooks.cli.visible import visible

_RED = dict.fromkeys(("deny", "gap", "error", "alarm", "reload_failed"), "red")
_COLOURS = {**_RED, "ask": "yellow", "allow": "green"}


class Table:
    """Prints rows as they come. Colour only on a terminal; there, rows are cut to its width."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._width = self._console.width if self._console.is_terminal else None

    def add(self, line: bytes, outcome: str = "") -> None:
        """One record as one row; `outcome` is what became of its call, where that is known."""
        row = row_of(line, outcome)
        if self._width is not None:
            row.truncate(self._width, overflow="ellipsis")
        self._console.print(row)


def row_of(line: bytes, outcome: str = "") -> Text:
    """Number, time, verdict, client, tool, rules, what became of it and what it was about."""
    try:
        record = json.loads(line)
        fields = record["fields"]
        at = str(record["at"])[:19].replace("T", " ")
        word = str(fields.get("verdict") or record["kind"])
        head = f"{record['seq']!s:>8}  {at}  "
        rest = _decision(fields, outcome) if record["kind"] == "decision" else _own(fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Text(f"{'?':>8}  not a record: {visible(line.decode('utf-8', 'replace'))}", style="red")
    row = Text(visible(head))
    row.append(visible(f"{word:<8}"), style=_COLOURS.get(word, ""))
    return row.append(visible(f"  {rest}"))


def _decision(fields: dict[str, object], outcome: str) -> str:
    findings = fields.get("findings")
    rules = [str(item.get("rule")) for item in findings if isinstance(item, dict)] if isinstance(findings, list) else []
    failure = fields.get("failure")
    if isinstance(failure, dict):
        rules.append(str(failure.get("reason")))
    would = fields.get("would")
    observed = f" (would {would})" if would not in (None, fields.get("verdict")) else ""
    observed += f" ({outcome})" if outcome else ""
    subject = fields.get("script") or fields.get("prompt") or fields.get("input") or ""
    shown = subject if isinstance(subject, str) else json.dumps(subject)
    tool = fields.get("tool") or fields.get("event") or "-"
    named = ",".join(dict.fromkeys(rules)) or "-"
    return f"{fields.get('client') or '-'!s:<11}  {tool!s:<12}  {named:<24}{observed}  {shown}"


def _own(fields: dict[str, object]) -> str:
    return json.dumps(fields) if fields else ""
