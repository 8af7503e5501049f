"""Serves metrics where they are wanted; where that fails, says why and tries again."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from security_hooks.audit.failure import AuditError
from security_hooks.insight.backoff import Backoff
from security_hooks.insight.follow import Changes
from security_hooks.model.insight import InsightSettings, MetricsReport, SinkReport

_NO_PACKAGE = "prometheus-client is not installed; run `pip install 'security-hooks[metrics]'`"

Report = Callable[[MetricsReport], None]


async def serve_metrics(
    settings: InsightSettings,
    changes: Changes,
    sinks: Mapping[str, SinkReport],
    report: Report,
    backoff: Backoff,
) -> None:
    """Serve until cancelled. `sinks` are looked at whenever somebody asks."""
    while True:
        try:
            await _serve(settings, changes, sinks, report)
        except ImportError:
            problem = _NO_PACKAGE
        except OSError as error:
            problem = f"cannot listen on {settings.metrics}: {error.strerror or error}"
        except AuditError as error:
            problem = str(error)
        seconds = backoff.failed()
        report(MetricsReport("", backoff.failures, problem))
        await asyncio.sleep(seconds)


async def _serve(settings: InsightSettings, changes: Changes, sinks: Mapping[str, SinkReport], report: Report) -> None:
    # Loaded only where metrics are wanted: it is an optional dependency.
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    from security_hooks.insight.metrics import Metrics, keep_counting
    from security_hooks.insight.metrics_server import MetricsServer

    metrics = Metrics()

    def page() -> tuple[str, bytes]:
        metrics.show(dict(sinks))
        return CONTENT_TYPE_LATEST, generate_latest(metrics.registry)

    server = MetricsServer(settings.metrics, page)
    server.start()
    report(MetricsReport(settings.metrics))
    try:
        await keep_counting(metrics, Path(settings.log_directory), settings.since, changes, sinks)
    finally:
        server.close()
