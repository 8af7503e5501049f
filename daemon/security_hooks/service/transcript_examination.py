"""What `doctor` says of the clients' transcripts: did anything run that nobody judged, and can that be told at all."""

from collections.abc import Iterator

from security_hooks.model.record import Json

_AGAIN = "security-hooks doctor, which looks at the hooks; then start the client anew"
_STATUS = "security-hooks status"


def transcripts_of(status: dict[str, Json]) -> Iterator[tuple[str, str, str]]:
    """State, finding and what mends it, from what the daemon says of itself; nothing where it heard of no session."""
    anomalies = status.get("anomalies")
    told = anomalies.get("blind_spots") if isinstance(anomalies, dict) else None
    if not isinstance(told, dict):
        return
    if not told.get("watch"):
        yield "warning", "they are not followed, so what runs unseen stays unseen", 'set [blind_spots] watch = "on"'
        return
    alarms = told.get("alarms")
    for alarm in alarms if isinstance(alarms, list) else ():
        if isinstance(alarm, dict):
            yield "bad", f"{alarm.get('at')}: {alarm.get('alarm')}", _AGAIN
    listed = told.get("sessions")
    sessions = [session for session in (listed if isinstance(listed, list) else ()) if isinstance(session, dict)]
    for session in sessions:
        if session.get("unmeasured"):
            where = f"{session.get('client')}, session {session.get('session')}"
            yield "warning", f"not measured: {where}: {session['unmeasured']}", _STATUS
    measured = [session for session in sessions if not session.get("unmeasured")]
    if measured and not alarms:
        seen = sum(int(str(session.get("seen"))) for session in measured)
        yield "well", f"{seen} tool uses in {len(measured)} sessions, all of them judged", ""
