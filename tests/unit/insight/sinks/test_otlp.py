"""Records as a collector decodes them, with the classes of OpenTelemetry's own."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from security_hooks.insight.cursor import BEGINNING
from security_hooks.insight.follow import read_after
from security_hooks.insight.sinks.otlp import OtlpOutbox, nanoseconds_of
from security_hooks.model.sink import Sink, SinkKind


async def sent(log: Any, sink: Sink) -> int:
    outbox = OtlpOutbox(msgspec.structs.replace(sink, kind=SinkKind.OTLP), {}, lambda: 17.0)
    try:
        return await outbox.send(read_after(log.directory, BEGINNING, 100).entries)
    finally:
        outbox.close()


async def test_a_collector_reads_what_the_log_says(log: Any, peer: Any, sink_of: Callable[..., Sink]) -> None:
    log.append(verdict="deny", tool="Bash", session="s1")
    log.append(kind="reload_failed")
    peer.answer = ExportLogsServiceResponse().SerializeToString() or b"\n\0"
    assert await sent(log, sink_of(peer.url)) == 0
    (request,) = peer.requests
    assert request.headers["content-type"] == "application/x-protobuf"
    assert request.headers["authorization"] == "Bearer a secret of the tests"
    (resource,) = ExportLogsServiceRequest.FromString(request.body).resource_logs
    assert {pair.key: pair.value.string_value for pair in resource.resource.attributes}[
        "service.name"
    ] == "security-hooks"
    denied, failed = resource.scope_logs[0].log_records
    assert denied.event_name == "security_hooks.decision"
    assert denied.severity_number == SeverityNumber.SEVERITY_NUMBER_WARN
    assert failed.severity_number == SeverityNumber.SEVERITY_NUMBER_ERROR
    assert denied.time_unix_nano == 1_795_255_200_123_456_789
    assert denied.observed_time_unix_nano == 17_000_000_000
    assert denied.body.string_value.encode() == log.segment.read_bytes().splitlines()[0]
    assert {pair.key: pair.value.string_value for pair in denied.attributes} == {
        "log.record.uid": log.keys()[0],
        "security_hooks.client": "claude-code",
        "security_hooks.verdict": "deny",
        "security_hooks.basis": "rule",
        "security_hooks.tool": "Bash",
        "security_hooks.session": "s1",
    }


async def test_what_was_let_through_is_sent_with_what_policy_said(
    log: Any, peer: Any, sink_of: Callable[..., Sink]
) -> None:
    log.append(verdict="allow", would="deny")
    log.append(verdict="deny", would="deny")
    peer.answer = ExportLogsServiceResponse().SerializeToString() or b"\n\0"
    await sent(log, sink_of(peer.url))
    (resource,) = ExportLogsServiceRequest.FromString(peer.requests[0].body).resource_logs
    told = [
        {pair.key: pair.value.string_value for pair in one.attributes} for one in resource.scope_logs[0].log_records
    ]
    assert [one.get("security_hooks.would") for one in told] == ["deny", None]


async def test_what_a_collector_rejects_is_counted_and_not_sent_again(
    log: Any, peer: Any, sink_of: Callable[..., Sink]
) -> None:
    log.append(3)
    answer = ExportLogsServiceResponse()
    answer.partial_success.rejected_log_records = 2
    peer.answer = answer.SerializeToString()
    assert await sent(log, sink_of(peer.url)) == 2


async def test_a_collector_without_a_secret_gets_no_header(log: Any, peer: Any, sink_of: Callable[..., Sink]) -> None:
    log.append()
    peer.answer = b"ok"
    assert await sent(log, sink_of(peer.url, secret_file="")) == 0
    assert "authorization" not in peer.requests[0].headers


@pytest.mark.parametrize(
    ("at", "nanoseconds"), [("1970-01-01T00:00:01.000000005Z", 1_000_000_005), ("no time", 0), ("", 0)]
)
def test_the_time_of_a_record(at: str, nanoseconds: int) -> None:
    assert nanoseconds_of(at) == nanoseconds
