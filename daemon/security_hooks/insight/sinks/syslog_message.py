"""One record as a message of RFC 5424: the header, the number of the record, and the record itself as JSON. Pure."""

from collections.abc import Iterator

import msgspec

from security_hooks.audit.encode import canonical
from security_hooks.insight.follow import Entry
from security_hooks.insight.summary import Weight, summary_of, weight_of
from security_hooks.model.record import Json

_FACILITIES = {
    "user": 1,
    "daemon": 3,
    "auth": 4,
    "authpriv": 10,
    **{f"local{number}": 16 + number for number in range(8)},
}
_SEVERITIES = {Weight.ERROR: 3, Weight.WARNING: 4, Weight.NOTICE: 5, Weight.INFO: 6}
_LARGEST_NUMBER = 2**31 - 1
# RFC 5424 has no room for nanoseconds.
_TIME_LENGTH = len("2026-01-01T00:00:00.000000")
# A shorter text is no longer than what says that it was cut.
_SHORT = 24

Object = dict[str, Json]


def message_of(entry: Entry, facility: str, host: str, most_bytes: int) -> bytes:
    """The message, of at most so many bytes where cutting its texts can do that."""
    record = entry.record
    priority = 8 * _FACILITIES[facility] + _SEVERITIES[weight_of(entry, summary_of(entry))]
    number = f'[meta sequenceId="{record.seq}"]' if record.seq <= _LARGEST_NUMBER else "-"
    at = f"{record.at[:_TIME_LENGTH]}Z"
    header = f"<{priority}>1 {at} {_name(host)} security-hooks - {record.kind[:32]} {number} ".encode(
        "ascii", "replace"
    )
    room = most_bytes - len(header)
    return header + (entry.line if len(entry.line) <= room else _cut(entry.line, room))


def _name(host: str) -> str:
    """A host's name as the header may have it."""
    return "".join(char for char in host if "!" <= char <= "~")[:255] or "-"


def _cut(line: bytes, room: int) -> bytes:
    """The record with its longest texts replaced by their lengths, until it fits. Its hash is that of the whole."""
    record: Object = msgspec.json.decode(line)
    texts = sorted(_texts(record), key=lambda text: -len(text[2]))
    for holder, name, text in texts:
        if len(text) < _SHORT or len(line) <= room:
            break
        holder[name] = f"[CUT:{len(text)}]"
        line = canonical(record)
    return line


def _texts(record: Object) -> Iterator[tuple[Object, str, str]]:
    """Every text in the record's fields with where it stands; lists as a whole, by what they look like."""
    fields = record.get("fields")
    waiting: list[Object] = [fields] if isinstance(fields, dict) else []
    while waiting:
        holder = waiting.pop()
        for name, value in holder.items():
            match value:
                case str():
                    yield holder, name, value
                case dict():
                    waiting.append(value)
                case list():
                    yield holder, name, canonical(value).decode()
