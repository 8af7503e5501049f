"""Records as OpenTelemetry logs: OTLP over HTTP in protobuf, by the classes of `opentelemetry-proto`."""

import calendar
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs, SeverityNumber
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from security_hooks import __version__
from security_hooks.insight.follow import Entry
from security_hooks.insight.sinks.connection import Connection
from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.insight.sinks.secret import read_secret
from security_hooks.insight.summary import Weight, summary_of, weight_of
from security_hooks.model.sink import Sink

_SEVERITIES = {
    Weight.INFO: SeverityNumber.SEVERITY_NUMBER_INFO,
    Weight.NOTICE: SeverityNumber.SEVERITY_NUMBER_INFO2,
    Weight.WARNING: SeverityNumber.SEVERITY_NUMBER_WARN,
    Weight.ERROR: SeverityNumber.SEVERITY_NUMBER_ERROR,
}
_SECOND = 1_000_000_000


class OtlpOutbox:
    """One sink of kind `otlp`. Its secret, if it has one, is a bearer token."""

    def __init__(
        self, sink: Sink, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time
    ) -> None:
        self._sink = sink
        self._environment = environment
        self._clock = clock
        self._host = socket.gethostname()
        self._connection = Connection(sink.url, sink.timeout_seconds, sink.ca_file)

    async def send(self, entries: Sequence[Entry]) -> int:
        """Any answer of 2xx means that the collector has them, but those that it says it rejected."""
        now = self._clock()
        headers = {"content-type": "application/x-protobuf", "user-agent": f"security-hooks/{__version__}"}
        token = read_secret(self._sink, self._environment)
        if token:
            try:
                headers["authorization"] = f"Bearer {token.decode('ascii')}"
            except UnicodeDecodeError:
                raise DeliveryError("its secret is no token: it has other characters than ASCII") from None
        body = request_of(entries, self._host, int(now * _SECOND)).SerializeToString()
        answer = await self._connection.post(headers, body, now)
        try:
            rejected: int = ExportLogsServiceResponse.FromString(answer.body).partial_success.rejected_log_records
        except DecodeError:
            # Some collectors answer with text; what they said before it was 2xx.
            return 0
        return rejected

    def close(self) -> None:
        """Let go of the collector."""
        self._connection.close()


def request_of(entries: Sequence[Entry], host: str, now: int) -> ExportLogsServiceRequest:
    """The request for these records; `now` is Unix time in nanoseconds."""
    resource = Resource(
        attributes=[
            _attribute("service.name", "security-hooks"),
            _attribute("service.version", __version__),
            _attribute("host.name", host),
        ]
    )
    scope = ScopeLogs(
        scope=InstrumentationScope(name="security-hooks.audit", version=__version__),
        log_records=[_log_record(entry, now) for entry in entries],
    )
    return ExportLogsServiceRequest(resource_logs=[ResourceLogs(resource=resource, scope_logs=[scope])])


def _log_record(entry: Entry, now: int) -> LogRecord:
    summary = summary_of(entry)
    weight = weight_of(entry, summary)
    given = {
        "client": summary.client,
        "verdict": summary.verdict,
        "would": summary.otherwise,
        "basis": summary.basis,
        "tool": summary.tool,
        "session": summary.session,
    }
    return LogRecord(
        time_unix_nano=nanoseconds_of(entry.record.at),
        observed_time_unix_nano=now,
        severity_number=_SEVERITIES[weight],
        severity_text=weight.name,
        event_name=f"security_hooks.{entry.record.kind}",
        body=AnyValue(string_value=entry.line.decode("ascii", "replace")),
        attributes=[
            # What the semantic conventions have for telling one record from another.
            _attribute("log.record.uid", entry.key),
            *(_attribute(f"security_hooks.{name}", value) for name, value in given.items() if value),
        ],
    )


def _attribute(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def nanoseconds_of(at: str) -> int:
    """Unix time of a record's `at`; 0, which OTLP takes for unknown, where it is none."""
    try:
        seconds = calendar.timegm(time.strptime(at[:19], "%Y-%m-%dT%H:%M:%S"))
        return seconds * _SECOND + int(at[20:29].ljust(9, "0"))
    except ValueError:
        return 0
