from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.model.decision import Severity


def test_a_record_of_an_alert_tells_all_its_figures() -> None:
    alert = Alert(Kind.DENY_RATE, Severity.HIGH, "now", "codex-cli", "s", None, 12, 2.5, 8, "12 denied", is_worse=True)
    assert alert.fields() == {
        "anomaly": "deny-rate",
        "severity": "high",
        "client": "codex-cli",
        "session": "s",
        "tool": None,
        "observed": 12,
        "expected": 2.5,
        "threshold": 8,
        "alarm": "12 denied",
    }
    assert alert.key == ("deny-rate", "codex-cli", "s", "")
