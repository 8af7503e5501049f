from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.insight.anomalies.episodes import MOST, Episodes
from security_hooks.model.decision import Severity


def alert(severity: Severity = Severity.LOW, session: str = "s", tool: str | None = None) -> Alert:
    return Alert(Kind.DENY_RATE, severity, "", "c", session, tool, 6, 2.0, 6, "text")


def test_what_lasts_is_told_once_and_again_when_it_gets_worse() -> None:
    episodes = Episodes(900)
    assert episodes.take(alert(), 0) == alert()
    assert episodes.take(alert(), 800) is None
    worse = episodes.take(alert(Severity.HIGH), 1_600)
    assert worse is not None and worse.is_worse
    assert episodes.take(alert(Severity.MEDIUM), 1_700) is None
    assert episodes.take(alert(Severity.HIGH), 1_800) is None


def test_what_was_over_for_a_window_is_told_anew() -> None:
    episodes = Episodes(900)
    episodes.take(alert(Severity.HIGH), 0)
    assert episodes.take(alert(), 901) == alert()


def test_others_are_told_for_themselves() -> None:
    episodes = Episodes(900)
    assert episodes.take(alert(), 0) is not None
    assert episodes.take(alert(session="other"), 0) is not None


def test_what_a_person_has_seen_to_is_told_anew() -> None:
    episodes = Episodes(900)
    episodes.take(alert(tool="Bash"), 0)
    episodes.take(alert(tool="Read"), 0)
    episodes.end("Bash")
    assert episodes.take(alert(tool="Bash"), 1) is not None
    assert episodes.take(alert(tool="Read"), 1) is None


def test_episodes_are_bounded() -> None:
    episodes = Episodes(900)
    for number in range(MOST + 1):
        episodes.take(alert(session=str(number)), 0)
    assert episodes.take(alert(session="0"), 0) is not None
    assert episodes.take(alert(session=str(MOST)), 0) is None
