"""The records of the store that tell of asks and of what became of them; no others are read.

What the log itself would tell, line by line, comes out the same.
"""

from collections.abc import Iterator

from security_hooks.insight.answers import Answered
from security_hooks.insight.ask_event import AskEvent, ask_event
from security_hooks.insight.query import select
from security_hooks.insight.store import Store
from security_hooks.model.decision import Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.record import RecordKind

# An ask, and in SQL what tells one.
IS_ASK = f"verdict = '{Verdict.ASK.word}' AND occasion = '{EventKind.PRE_TOOL.value}'"
# What takes a permit has this among its findings.
_PERMITTED = "allow-once"
# Results are kept by the call that they are about: the last with its key.
_EVENTS = f"""
WITH keys AS (
  SELECT DISTINCT call_key FROM records WHERE seq >= ?1 AND {IS_ASK} AND call_key IS NOT NULL
), calls AS (
  SELECT seq FROM records WHERE call_key IN (SELECT call_key FROM keys)
  UNION SELECT seq FROM findings WHERE rule = '{_PERMITTED}'
), told AS (
  SELECT seq FROM calls
  UNION SELECT t.seq FROM results AS t JOIN calls ON t.call = calls.seq
  UNION SELECT seq FROM records WHERE kind = '{RecordKind.PERMIT.value}' OR occasion = '{EventKind.PROMPT.value}'
)
SELECT line FROM records WHERE seq >= ?1 AND seq IN (SELECT seq FROM told) ORDER BY seq
"""


def ask_events(store: Store, first: int) -> Iterator[AskEvent]:
    """What the records from this one on tell, as far as it matters to their asks; raises StoreError."""
    for (line,) in select(store, _EVENTS, (first,)):
        event = ask_event(str(line).encode())
        if event is not None:
            yield event


def only(answered: Iterator[Answered], chosen: Iterator[int]) -> Iterator[Answered]:
    """The asks whose numbers are chosen; both come in order."""
    wanted = next(chosen, None)
    for each in answered:
        while wanted is not None and wanted < each.ask.seq:
            wanted = next(chosen, None)
        if wanted == each.ask.seq:
            yield each
