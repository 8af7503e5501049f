"""`security-hooks status`: what the running daemon says of itself."""

import argparse
import json
from collections.abc import Iterator

from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_socket
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service.inquiry import ask_status, socket_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `status`."""
    add_socket(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0: running with the policy as it is on disk; 1: running, but something needs a person; 69: not running."""
    path = socket_path(arguments.socket)
    report = ask_status(path)
    if arguments.json:
        print(json.dumps(report, indent=2))
        return Exit.OK if report["well"] else Exit.NO
    try:
        rows = tuple(rows_of(report))
    except (KeyError, TypeError) as error:
        raise StartupError(f"the daemon on {path} is of another version; run `security-hooks restart`") from error
    for name, value in rows:
        print(visible(f"{name:<9}{value}"))
    return Exit.OK if report["well"] else Exit.NO


def rows_of(report: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """A name and a text for each line; raises KeyError or TypeError where the report is not one of this version."""
    policy, calls, audit = (_section(report, name) for name in ("policy", "calls", "audit"))
    yield "daemon", f"version {report['version']}, pid {report['pid']}, {report['loop']}"
    yield "started", f"{report['started']}, up {report['up_seconds']} s"
    yield "socket", str(report["socket"])
    yield "mode", "observe: nothing is blocked" if policy["mode"] == "observe" else str(policy["mode"] or "-")
    if policy["digest"]:
        digest = str(policy["digest"])[:12]
        yield "policy", f"generation {policy['generation']}, {policy['rules']} rules, digest {digest}"
    else:
        is_observing = policy["mode"] == "observe"
        yield "policy", "none in force: " + ("no call is judged" if is_observing else "every call is denied")
    for kind in ("problem", "warning"):
        found = policy[f"{kind}s"]
        yield from ((kind, str(line)) for line in (found if isinstance(found, list) else ()))
    # What was added after the first version is not missed in the report of a daemon that is yet to be restarted.
    would = calls.get("would")
    otherwise = f"; would have been: {_counts(would)}" if isinstance(would, dict) and would else ""
    yield "calls", f"{calls['calls']}: {_counts(_section(calls, 'verdicts'))}{otherwise}"
    failures = _section(calls, "failures")
    if failures:
        yield "failures", _counts(failures)
    if calls["median_us"] is not None:
        yield "latency", f"median {calls['median_us']} us, 99th percentile {calls['p99_us']} us"
    judging = _section(report, "judging")
    if judging["restarts"] or judging["timeouts"]:
        yield "judging", f"{judging['restarts']} restarts, {judging['timeouts']} calls not judged in time"
    denied = "nothing more is recorded" if policy["mode"] == "observe" else "every call is denied"
    full = f"; the disk is full, so {denied}" if audit["full"] else ""
    anomalies = _section(report, "anomalies")
    for name, told in (("anomaly", _alarm), ("asking", _asking)):
        found = anomalies["alerts" if name == "anomaly" else "asking"]
        yield from ((name, told(item)) for item in (found if isinstance(found, list) else ()) if isinstance(item, dict))
    yield "secrets", _secrets(_section(anomalies, "secret_values"))
    yield from _transcript_rows(_section(anomalies, "blind_spots"))
    yield from _granted_rows(_section(report, "granted"))
    yield "audit", f"record {audit['sequence']} in {audit['directory']}{full}"
    retention = audit.get("retention")
    if isinstance(retention, dict) and retention.get("problem"):
        yield "audit", f"not kept within its limits: {retention['problem']}; to mend it: {retention['mend']}"
    yield from _insight_rows(_section(report, "insight"))


def _secrets(known: dict[str, Json]) -> str:
    waiting = f", {known['waiting']} long outputs waiting" if known["waiting"] else ""
    missed = f"; {known['not_looked_at']} outputs were too long to be looked at" if known["not_looked_at"] else ""
    return f"{known['values']} remembered{waiting}{missed}"


def _insight_rows(insight: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """How the process that reads the log is doing, and each thing that it does."""
    died, notes = insight["restarts"], list[str]()
    if died:
        why = f", the last one {insight['problem']}" if insight.get("problem") else ""
        notes.append(f"its process died {died} time{'' if died == 1 else 's'}{why}")
    if insight["needed"] and insight["pid"] is None:
        notes.append("its process is not running")
    yield "store", _store(_section(insight, "store"))
    yield from _sink_rows(insight["sinks"])
    metrics = _section(insight, "metrics")
    if metrics["problem"]:
        yield "metrics", f"not served: {metrics['problem']}"
    elif metrics["address"]:
        yield "metrics", str(metrics["address"])
    if notes:
        yield "insight", "; ".join(notes)


def _store(store: dict[str, Json]) -> str:
    if not store["enabled"]:
        return "switched off: `audit query` reads the log itself"
    told = f"up to record {store['sequence']}"
    if store["behind"]:
        told += f", {store['behind']} behind"
    return f"{told}; {store['problem']}" if store["problem"] else told


def _alarm(alert: dict[str, Json]) -> str:
    when = str(alert["at"])[:19].replace("T", " ")
    return f"{when} {alert['severity']}: {alert['alarm']}"


def _asking(tool: dict[str, Json]) -> str:
    clear = f"`security-hooks anomalies clear {tool['tool']}`"
    return f"about every call of {tool['tool']} of {tool['client']}: {tool['why']}; {clear} ends it"


def _transcript_rows(told: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What ran unseen, by the clients' own transcripts, and of which sessions that is not known."""
    if not told["watch"]:
        yield "unseen", "not looked for: transcripts are not followed"
    listed, alarms = told["sessions"], told["alarms"]
    sessions = [session for session in (listed if isinstance(listed, list) else ()) if isinstance(session, dict)]
    yield from (
        ("unseen", _alarm(item)) for item in (alarms if isinstance(alarms, list) else ()) if isinstance(item, dict)
    )
    count = {name: sum(int(str(session[name])) for session in sessions) for name in ("seen", "unseen", "unhooked")}
    if count["seen"] or count["unseen"]:
        typed = f", {count['unhooked']} of a kind that no hook tells of" if count["unhooked"] else ""
        yield "measured", f"{count['seen']} tool uses in transcripts were judged, {count['unseen']} were not{typed}"
    for session in sessions:
        if session["unmeasured"]:
            yield "unknown", f"what ran in session {session['session']} of {session['client']}: {session['unmeasured']}"


def _granted_rows(granted: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What a person has granted for now."""
    left = granted["nap_seconds"]
    if isinstance(left, int) and left:
        yield (
            "nap",
            f"for {left} s more: nothing is objected to but what harms the guard; `security-hooks wake` ends it",
        )
    grants = granted["grants"]
    for grant in grants if isinstance(grants, list) else ():
        if isinstance(grant, dict):
            yield "grant", f"{grant['id']}: {grant['said']} in {grant['project']}, for {grant['seconds_left']} s more"


def _sink_rows(sinks: Json) -> Iterator[tuple[str, str]]:
    for sink in sinks if isinstance(sinks, list) else ():
        if not isinstance(sink, dict):
            raise TypeError("sinks")
        notes = [f"{sink['name']} ({sink['kind']}): record {sink['sequence']}, {sink['behind']} behind"]
        if sink["error"]:
            notes.append(f"fails ({sink['failures']} times in a row): {sink['error']}")
        notes += [f"{sink[word]} {word}" for word in ("missed", "unreadable", "rejected") if sink[word]]
        yield "sink", "; ".join(notes + ([str(sink["warning"])] if sink["warning"] else []))


def _counts(counts: dict[str, Json]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _section(report: dict[str, Json], name: str) -> dict[str, Json]:
    section = report[name]
    if not isinstance(section, dict):
        raise TypeError(name)
    return section


COMMAND = Command(
    "status", "show what the running daemon says of itself", "security-hooks status --json", add_arguments, run
)
