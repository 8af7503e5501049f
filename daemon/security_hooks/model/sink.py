"""Where records are delivered, as people configure it."""

from enum import StrEnum

import msgspec


class SinkKind(StrEnum):
    """The protocol that a sink speaks."""

    HTTP = "http"
    OTLP = "otlp"
    SYSLOG = "syslog"


class Format(StrEnum):
    """What an HTTP request carries: one record to a line, or all in one JSON array."""

    LINES = "lines"
    ARRAY = "array"


class Start(StrEnum):
    """Which record a sink is given first: the oldest of the log, or the first one after it was configured."""

    OLDEST = "oldest"
    NOW = "now"


class Sink(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place. `secret_env` or `secret_file` say where its secret is; the secret itself is never here."""

    name: str
    kind: SinkKind
    url: str
    secret_file: str = ""
    secret_env: str = ""
    ca_file: str = ""
    format: Format = Format.LINES
    facility: str = "authpriv"
    start: Start = Start.OLDEST
    batch_events: int = 50
    batch_seconds: int = 5
    timeout_seconds: int = 10
    message_bytes: int = 8192


def encode_sink(sink: Sink) -> str:
    """The sink as one string: so it travels among the values of the configuration."""
    return msgspec.json.encode(sink).decode()


def decode_sink(text: str) -> Sink | None:
    """The sink that a string stands for; None where it stands for none."""
    try:
        return msgspec.json.decode(text, type=Sink)
    except msgspec.DecodeError:
        return None
