"""What an attestation says of a range of the log: an in-toto Statement (v1) with a predicate of our own. Pure.

The subject is the range as a file: its lines as they stand in the log, one after another. The predicate holds what the
file says, so that whoever trusts the key need not read it, and whoever has the file can count again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

import msgspec

from security_hooks.audit.chain import unseal
from security_hooks.audit.dsse import Unproven
from security_hooks.audit.witness import Witness

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:security-hooks:audit-range:v1"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Segments = Iterable[tuple[str, int, Iterable[bytes]]]


class End(msgspec.Struct, frozen=True):
    """The first or last record of a range: its number, its time, the hash of the record before, and its own."""

    seq: int
    at: str
    prev: str
    hash: str


class AuditRange(msgspec.Struct, frozen=True):
    """What a range of the log holds. `docs/audit.md` explains the members, the schema beside it is made from them."""

    first: End
    last: End
    records: int
    kinds: dict[str, int]
    verdicts: dict[str, int]
    clients: dict[str, int]
    policies: tuple[str, ...]
    missed: dict[str, int]


class Subject(msgspec.Struct, frozen=True):
    """A file by its digest."""

    name: str
    digest: dict[str, str]


class Statement(msgspec.Struct, frozen=True):
    """An in-toto Statement, version 1, about a range of the log."""

    type: str = msgspec.field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: AuditRange


class _Fields(msgspec.Struct, frozen=True):
    verdict: str = ""
    client: str = ""
    policy: str = ""
    missed: dict[str, int] = {}


class _Record(msgspec.Struct, frozen=True):
    at: str
    kind: str
    fields: msgspec.Raw


def state(
    segments: Segments,
    first: int,
    last: int | None,
    witness: Witness | None = None,
    pass_on: Callable[[bytes], object] = len,
) -> Statement | Unproven:
    """The statement about the records from `first` to `last`, or to the end; each line is passed on as it is read.

    There is none about records that do not form a whole chain, or that the witness says are others than were signed.
    """
    count = _Count()
    found = list(segments)
    if found and found[0][1] > first:
        return Unproven(f"the log begins with record {found[0][1]}: those before it were pruned or lost")
    for line in _lines_between(found, first, last):
        why = count.take(line, first)
        if not why and witness is not None and count.last is not None and witness.waits_for(count.last.seq):
            problem = witness.meets(count.last.seq, count.last.hash)
            why = problem.detail if problem is not None else ""
        if why:
            return Unproven(why)
        pass_on(line)
    if count.last is None or (last is not None and count.last.seq != last):
        reached = f"the log ends with record {count.last.seq}" if count.last else f"the log has no record {first}"
        return Unproven(reached)
    lost = witness.ends(count.last.seq) if witness is not None and last is None else None
    if lost is not None:
        return Unproven(lost.detail)
    return count.statement()


def encode_statement(statement: Statement) -> bytes:
    """The payload of the envelope."""
    return msgspec.json.encode(statement, order="deterministic")


def decode_statement(payload: bytes) -> Statement | Unproven:
    """The statement in a payload; members that we do not know are ignored, as in-toto asks of readers."""
    try:
        statement = msgspec.json.decode(payload, type=Statement)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Unproven(f"it holds no statement about a range of the log: {error}")
    if (statement.type, statement.predicate_type) != (STATEMENT_TYPE, PREDICATE_TYPE):
        return Unproven(f"it is a statement of another kind: {statement.predicate_type}")
    return statement


def predicate_schema() -> str:
    """The JSON Schema of the predicate, as it is documented."""
    schema = {"$schema": _DIALECT, "$id": PREDICATE_TYPE, **msgspec.json.schema(AuditRange)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def difference(said: Statement, found: Statement) -> str:
    """The first thing in which the records differ from what was said of them; nothing where they do not."""
    before, now = msgspec.to_builtins(said.predicate), msgspec.to_builtins(found.predicate)
    for name in AuditRange.__struct_fields__:
        if before[name] != now[name]:
            return f"`{name}` is {_shown(now[name])} in the records, and {_shown(before[name])} in the attestation"
    if [subject.digest for subject in said.subject] != [subject.digest for subject in found.subject]:
        return "the records are not those whose SHA-256 was signed"
    return ""


class _Count:
    """What was seen of the range so far."""

    def __init__(self) -> None:
        self.first: End | None = None
        self.last: End | None = None
        self._digest = sha256()
        self._records = 0
        self._kinds: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._clients: Counter[str] = Counter()
        self._missed: Counter[str] = Counter()
        self._policies: dict[str, None] = {}

    def take(self, line: bytes, first: int) -> str:
        """Count one line in; what is wrong with it, if anything."""
        expected = first if self.last is None else self.last.seq + 1
        link = unseal(line[:-1])
        if link is None or link.seq != expected or (self.last is not None and link.prev != self.last.hash):
            return f"the log is not whole at record {expected}: see `security-hooks audit verify`"
        try:
            record = msgspec.json.decode(line, type=_Record)
            fields = msgspec.json.decode(record.fields, type=_Fields)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return f"record {expected} is none of ours: {error}"
        self.last = End(link.seq, record.at, link.prev, link.hash)
        self.first = self.first or self.last
        self._digest.update(line)
        self._records += 1
        self._kinds[record.kind] += 1
        if record.kind == "decision":
            self._verdicts[fields.verdict] += 1
            self._clients[fields.client] += 1
            self._policies.setdefault(fields.policy)
        self._missed.update(fields.missed)
        return ""

    def statement(self) -> Statement:
        """What all of it comes to; there was at least one record."""
        assert self.first is not None and self.last is not None
        subject = Subject(range_name(self.first.seq, self.last.seq), {"sha256": self._digest.hexdigest()})
        counts = (self._kinds, self._verdicts, self._clients)
        kinds, verdicts, clients = (dict(sorted(count.items())) for count in counts)
        found = AuditRange(
            *(self.first, self.last, self._records, kinds, verdicts, clients),
            policies=tuple(self._policies),
            missed=dict(sorted(self._missed.items())),
        )
        return Statement(STATEMENT_TYPE, (subject,), PREDICATE_TYPE, found)


def range_name(first: int, last: int) -> str:
    """What the file of a range is called."""
    return f"audit-{first}-{last}.jsonl"


def _lines_between(
    segments: Sequence[tuple[str, int, Iterable[bytes]]], first: int, last: int | None
) -> Iterator[bytes]:
    """The whole lines where these records should stand; a segment is not opened before it is needed."""
    for index, (_, begins, lines) in enumerate(segments):
        follows = segments[index + 1][1] if index + 1 < len(segments) else None
        if follows is not None and follows <= first:
            continue
        if last is not None and begins > last:
            return
        end = None if last is None else last - begins + 1
        for line in islice(lines, max(first - begins, 0), end):
            if not line.endswith(b"\n"):
                return
            yield line


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}..."
