"""The composition root: the one place where the parts meet.

Takes the directories and the socket; serves until SIGTERM or SIGINT, then answers what is in flight and returns.
A background task that fails is logged and started again: it never takes the daemon with it.
"""

import asyncio
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from security_hooks import __version__
from security_hooks.audit.failure import AuditError
from security_hooks.audit.settings import Content, WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Decision
from security_hooks.model.failure import StartupError
from security_hooks.model.insight import InsightSettings
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.model.reply import HookReply
from security_hooks.policy.config_types import Config, Switch
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.anomaly_watch import AnomalyWatch
from security_hooks.service.asks import Asks
from security_hooks.service.blind_spots import BlindSpots, kept_in
from security_hooks.service.call import CallHandler
from security_hooks.service.checkpointer import Checkpointer, Often
from security_hooks.service.collector import settle
from security_hooks.service.counters import Counters
from security_hooks.service.directories import store_path
from security_hooks.service.environment import secret_values
from security_hooks.service.exchange import Exchange
from security_hooks.service.failing_tools import FailingTools
from security_hooks.service.granting_parts import GrantingParts
from security_hooks.service.insight_process import InsightProcess
from security_hooks.service.isolation import Isolation, Policy
from security_hooks.service.listener import Listener
from security_hooks.service.memory_parts import MemoryParts
from security_hooks.service.mounts import Mounts
from security_hooks.service.notify import notify
from security_hooks.service.origin import Origin
from security_hooks.service.permits import Permits
from security_hooks.service.person import objection
from security_hooks.service.reload import PolicyStore, Reload
from security_hooks.service.retention import Retention
from security_hooks.service.ruling import Rulings
from security_hooks.service.server import Answers, Server
from security_hooks.service.serving_socket import serving_socket
from security_hooks.service.status import Begun, status_report, trouble_of
from security_hooks.service.transcript_process import TranscriptProcess
from security_hooks.service.upkeep import SocketKeeper, Syncer, Watchdog, contained, kept_going
from security_hooks.service.weighing import WeighedRulings
from security_hooks.service.wiring_watch import WiringWatch
from security_hooks.service.worker import Worker

LOG = logging.getLogger("security-hooks")
DRAIN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What `serve` was told. `show` is called for every call answered."""

    socket: Path
    policy: PolicyDirectories
    state: Path
    home: str
    origin: Origin
    show: Callable[[Exchange, Decision], None]


async def serve(settings: ServeSettings) -> Listener | None:
    """Run the daemon until it is told to end; raises StartupError, AuditError.

    A listener that is given back is still open: we were told to restart, and whoever comes next serves it.
    """
    ending = _Ending()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2):
        asyncio.get_running_loop().add_signal_handler(number, ending.say, number == signal.SIGUSR2)
    listener = serving_socket(settings.socket)
    worker, isolation = Worker(), Isolation()
    insight, transcripts = InsightProcess(os.environ), TranscriptProcess()
    kept: Listener | None = None
    try:
        kept = await _Daemon(settings, worker, isolation, insight, transcripts).run(listener, ending)
    finally:
        for process in (insight, transcripts, worker, isolation):
            await process.close()
        if kept is not None and not ending.is_restart:
            kept.close()
            kept = None
        if kept is None:
            # Closed already, unless the start failed.
            listener.close()
            listener.release()
    return kept


class _Ending:
    """Whether the daemon was told to end, and how: to stop outdoes to restart, also while that is under way."""

    def __init__(self) -> None:
        self.told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_restart = True

    def say(self, is_restart: bool) -> None:
        """Take one request."""
        self.is_restart = self.is_restart and is_restart
        if not self.told.done():
            self.told.set_result(None)


class _Daemon:
    """The parts, put together once."""

    def __init__(
        self,
        settings: ServeSettings,
        worker: Worker,
        isolation: Isolation,
        insight: InsightProcess,
        transcripts: TranscriptProcess,
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._isolation = isolation
        self._insight = insight
        self._mounts = Mounts()
        self._begun = Begun(settings.origin.value, time.monotonic(), time.time_ns())
        self._counters = Counters()
        self._store = PolicyStore(settings.policy, worker, self._reloaded)
        self._audit = settings.state / "audit"
        self._writer: AuditWriter | None = None
        self._syncer: Syncer | None = None
        self._checkpointer: Checkpointer | None = None
        self._retention: Retention | None = None
        self._anomalies: AnomalyWatch | None = None
        self._memory = MemoryParts(settings.state, self._mounts.is_slow, self._failed)
        self._blind_spots = BlindSpots(
            transcripts,
            kept_in(Path(settings.home), os.environ),
            lambda fields: self._note(RecordKind.ALARM, fields),
            self._memory.taint,
        )
        self._sequence = 0
        self._first = 1
        self._granting = GrantingParts(
            settings.state, settings.home, self._store, secrets.choice, self.append, self._note, objection
        )

    async def run(self, listener: Listener, ending: _Ending) -> Listener | None:
        """Start, serve, and end once it is said whether to restart; gives back the listener where it is."""
        _make_private(self._settings.state)
        forgotten = self._memory.store.load()
        starting = asyncio.ensure_future(self._store.start())
        # One turn, in which a worker is started if there is something to build: it works while we load.
        await asyncio.sleep(0)
        # Kept by the process; what is published next takes it from there.
        shipped()
        await starting
        writer = self._writer = AuditWriter(self._audit, self._writer_settings())
        syncer = self._syncer = Syncer(writer, lambda: self._config.audit.sync_milliseconds / 1000)
        checkpointer = self._checkpointer = Checkpointer(
            writer, self._settings.state, self._often, self._digest, self.append
        )
        retention = self._retention = Retention(
            writer,
            self._settings.state,
            lambda: self._config.audit,
            lambda: self._config.sinks,
            self.append,
            objection,
        )
        tools = FailingTools(objection, self.append, self._tool_cleared)
        anomalies = self._anomalies = AnomalyWatch(
            self._audit,
            self._begun.at,
            lambda: self._config,
            lambda fields: self._note(RecordKind.ALARM, fields),
            tools.stop,
        )
        self._first = writer.sequence + 1
        await self._granting.restore()
        self._note(RecordKind.START, {"version": __version__, "pid": os.getpid()})
        for problem in forgotten:
            self._failed(problem)
        self._reloaded(self._policy_at_start())
        async with asyncio.TaskGroup() as tasks:
            server = Server(
                self._answers(str(listener.path), anomalies, tools),
                lambda: self._config.limits,
                os.getuid(),
                lambda work: tasks.create_task(contained("a call", work)),
            )
            keeper = SocketKeeper(listener, server, self._failed)
            server.serve(listener)
            background = (
                ("policy watch", self._store.watch),
                ("audit sync", syncer.run),
                ("checkpoints", checkpointer.run),
                ("retention", retention.run),
                ("socket", keeper.run),
                ("mounts", self._mounts.watch),
                ("judging process", self._isolation.run),
                ("anomalies", anomalies.run),
                ("secrets", self._memory.secrets.run),
                ("blind spots", self._blind_spots.run),
                ("transcripts", self._blind_spots.listen),
                ("grants", self._granting.run),
                ("insight process", self._insight.run),
                ("memory", self._memory.store.run),
                ("watchdog", Watchdog(os.environ, os.getpid()).run),
            )
            running = [tasks.create_task(kept_going(name, task)) for name, task in background]
            settle()
            notify(os.environ, "READY=1", f"STATUS=serving {listener.path}")
            LOG.info("serving %s", listener.path)
            await ending.told
            if ending.is_restart:
                notify(os.environ, "STATUS=restarting")
                await server.finish(DRAIN_SECONDS)
            else:
                notify(os.environ, "STOPPING=1")
                await server.drain(DRAIN_SECONDS)
            for task in running:
                task.cancel()
        is_restart = ending.is_restart
        if not is_restart:
            keeper.listener.close()
        self._granting.nap.end("the daemon stopped")
        self._note(RecordKind.STOP, {"calls": self._counters.report()["calls"]})
        checkpointer.finish()
        self._memory.store.save()
        writer.close()
        return keeper.listener if is_restart else None

    @property
    def _config(self) -> Config:
        snapshot = self._store.current
        return snapshot.config if snapshot is not None else Config()

    def append(self, record: AuditRecord) -> int:
        """The log as calls see it: one append, and a sync soon after."""
        if self._writer is None or self._syncer is None or self._checkpointer is None:
            raise AuditError("the audit log is not open")
        self._sequence = self._writer.append(record)
        self._syncer.want()
        self._insight.wake()
        self._checkpointer.saw(record.kind)
        if self._retention is not None:
            self._retention.saw()
        if self._anomalies is not None:
            self._anomalies.want()
        return self._sequence

    def _tool_cleared(self, tool: str) -> None:
        if self._anomalies is not None:
            self._anomalies.clear(tool)

    def _answers(self, socket: str, anomalies: AnomalyWatch, tools: FailingTools) -> Answers:
        def status() -> bytes:
            is_full = self._writer is not None and self._writer.is_full
            audit: dict[str, Json] = {"directory": str(self._audit), "sequence": self._sequence, "full": is_full}
            audit["retention"] = {} if self._retention is None else self._retention.report()
            workers = (self._worker.pid, self._isolation.report(), self._insight.report(self._sequence))
            found: dict[str, Json] = {"alerts": anomalies.report(), "asking": tools.report()}
            found["blind_spots"] = self._blind_spots.report()
            found["secret_values"] = self._memory.secrets.report()
            found["memory"] = self._memory.sessions.report()
            granted = self._granting.desk.report()
            return status_report(self._store, self._counters, self._begun, socket, workers, audit, found, granted)

        home = Path(self._settings.home)
        wiring = WiringWatch(home, lambda fields: self._note(RecordKind.ALARM, fields), self._mounts.is_slow)
        granting = self._granting
        rules = Rulings(
            self._store,
            self._isolation,
            self._mounts,
            self._settings.home,
            wiring=wiring,
            granted=granting.granting,
            spoken=granting.spoken,
            past=self._memory.sessions,
        )
        rulings = WeighedRulings(rules, self._isolation, self._memory.authors, self._mounts.is_slow)

        def trouble(client: str) -> str:
            is_full = self._writer is not None and self._writer.is_full
            wrong = wiring.trouble(client) or trouble_of(self._store, is_full=is_full)
            lines = (wrong, granting.nap.line(), granting.spoken.news(), self._blind_spots.news(), anomalies.news())
            return "; ".join(line for line in lines if line)

        asks = Asks(Permits(secrets.choice), objection, self._redacted, self.append)
        handler = CallHandler(
            rulings,
            self,
            lambda: self._store.current,
            status,
            self._answered,
            asks,
            tools,
            (tools, *self._memory.restraints),
            granting.desk,
            granting.nap.ease,
            trouble,
            self._retention,
            lambda: self._store.observes,
        )
        return Answers(handler.whole, handler.too_large, handler.too_slow)

    def _redacted(self, text: str) -> str:
        return "" if self._writer is None else self._writer.redact(text)

    def _writer_settings(self) -> WriterSettings:
        audit = self._config.audit
        return WriterSettings(audit.segment_bytes, audit.reserve_bytes, Content(audit.content.value))

    def _insight_settings(self, config: Config) -> InsightSettings:
        store = store_path(self._settings.state)
        kept = str(store) if config.insight.process is Switch.ON else ""
        return InsightSettings(
            str(self._audit), str(store.parent), kept, config.sinks, config.metrics_listen, self._first
        )

    def _often(self) -> Often:
        return Often(self._config.audit.checkpoint_records, self._config.audit.checkpoint_seconds)

    def _digest(self) -> str:
        return "" if self._store.current is None else self._store.current.digest

    def _answered(self, exchange: Exchange, decision: Decision, _: HookReply) -> None:
        self._blind_spots.note(exchange, decision)
        self._granting.saw(exchange)
        self._counters.count(decision, exchange.elapsed_us())
        self._memory.saw(exchange, decision)
        self._settings.show(exchange, decision)

    def _note(self, kind: RecordKind, fields: dict[str, Json]) -> None:
        """Record something of our own life; where that fails, the log on stderr is all there is."""
        try:
            self.append(AuditRecord(kind, time.time_ns(), fields))
        except AuditError as error:
            LOG.error("%s not recorded: %s", kind.value, error)

    def _failed(self, problem: str) -> None:
        self._note(RecordKind.ERROR, {"error": problem})

    def _policy_at_start(self) -> Reload:
        snapshot, problems = self._store.current, self._store.problems.get(None, ())
        generation, digest = (0, "") if snapshot is None else (snapshot.generation, snapshot.digest)
        return Reload(None, snapshot is not None, bool(problems), generation, digest, problems)

    def _reloaded(self, reload: Reload) -> None:
        """Tell of a change of policy. The first comes before there is a log, and is told again when there is one."""
        if self._writer is None:
            return
        build = self._store.build_of(reload.generation)
        if reload.root is None and build is not None:
            self._isolation.use(Policy(reload.generation, build))
        self._blind_spots.use(enabled=self._config.blind_spots is Switch.ON)
        config = self._config
        if reload.root is None:
            self._insight.use(self._insight_settings(config))
        named = (sink.secret_env for sink in config.sinks if sink.secret_env)
        secret_names = (*config.lists.get("secret_env_vars", ()), *named)
        values = secret_values(os.environ, secret_names)
        self._writer.use_secrets(values)
        self._memory.secrets.use(config.remembering, values.values())
        for diagnostic in reload.diagnostics:
            LOG.warning("%s", diagnostic)
        is_good = reload.is_published and not reload.is_last_good
        if not is_good:
            LOG.error("the policy on disk is not in force, %s", "the last good one is" if reload.digest else "none is")
        notify(os.environ, "STATUS=" + ("serving" if is_good else "bad policy: run `security-hooks rules lint`"))
        self._note(
            RecordKind.RELOAD if is_good else RecordKind.RELOAD_FAILED,
            {
                "project": reload.root,
                "generation": reload.generation,
                "policy": reload.digest,
                "problems": [str(diagnostic) for diagnostic in reload.diagnostics[:20]],
            },
        )


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"cannot make {directory}: {error.strerror}; give another --state-dir") from error
