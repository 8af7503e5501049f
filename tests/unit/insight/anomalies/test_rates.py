import pytest

from security_hooks.insight.anomalies.alert import Kind
from security_hooks.insight.anomalies.rates import RATES, Rate, Reading
from security_hooks.insight.anomalies.track import Counts, Track
from security_hooks.model.decision import Severity

DENIALS, FILES, SECRETS = RATES
NEW = Counts()


def track(calls: int, denials: int = 0, secrets: int = 0, files: int = 0, past: Counts = NEW) -> Track:
    """A session that did so much, in as many slots as there are, within its window."""
    made = Track()
    for number in range(calls):
        read = tuple(f"{number}/{index}" for index in range(files // calls))
        slot = number * 15 // calls
        made.take(slot, is_denied=number < denials, has_secret=number < secrets, files=read)
    made.past.add(past)
    return made


@pytest.mark.parametrize(
    ("session", "machine", "denials", "threshold"),
    [
        (NEW, NEW, 5, None),
        (NEW, NEW, 6, 6),
        # What is usual for the machine, or for the session alone.
        (NEW, Counts(calls=1_000, denials=100), 29, None),
        (NEW, Counts(calls=1_000, denials=100), 30, 30),
        (Counts(calls=100, denials=15), Counts(calls=1_000), 44, None),
        (Counts(calls=100, denials=15), Counts(calls=1_000), 45, 45),
        # A few calls are no history.
        (Counts(calls=10, denials=10), NEW, 6, 6),
        # What is denied all the time is not usual.
        (Counts(calls=1_000, denials=1_000), Counts(calls=1_000, denials=1_000), 60, 60),
    ],
)
def test_denials_are_too_many_against_what_is_usual(
    session: Counts, machine: Counts, denials: int, threshold: int | None
) -> None:
    reading = DENIALS.read(track(100, denials=denials, past=session), machine, 3)
    assert (reading and reading.threshold) == threshold


@pytest.mark.parametrize(
    ("machine", "files", "fires"),
    [
        (NEW, 45, False),
        (NEW, 60, True),
        (Counts(slots=100, files=200), 75, False),
        (Counts(slots=100, files=200), 90, True),
        (Counts(slots=3, files=600), 60, True),
    ],
)
def test_files_are_too_many_for_the_time_in_which_they_were_read(machine: Counts, files: int, fires: bool) -> None:
    assert (FILES.read(track(15, files=files), machine, 3) is not None) is fires


@pytest.mark.parametrize(("secrets", "fires"), [(5, False), (6, True)])
def test_secrets_are_too_many(secrets: int, fires: bool) -> None:
    assert (SECRETS.read(track(50, secrets=secrets), NEW, 3) is not None) is fires


@pytest.mark.parametrize(("rate", "least"), [(DENIALS, 2), (FILES, 18)])
def test_the_multiplier_acts_on_denials_and_files(rate: Rate, least: int) -> None:
    busy = track(30, denials=30, secrets=30, files=300)
    for multiplier in (1, 3, 10):
        reading = rate.read(busy, NEW, multiplier)
        assert reading is not None
        assert reading.threshold == least * multiplier


def test_the_multiplier_leaves_secrets_alone() -> None:
    busy = track(30, secrets=30)
    assert SECRETS.read(busy, NEW, 1) == SECRETS.read(busy, NEW, 100) == Reading(30, 2.0, 6)


@pytest.mark.parametrize(
    ("observed", "severity"), [(10, Severity.LOW), (14, Severity.LOW), (15, Severity.MEDIUM), (20, Severity.HIGH)]
)
def test_severity_is_by_how_far_it_is_over(observed: int, severity: Severity) -> None:
    assert Reading(observed, 3.0, 10).severity is severity


def test_every_rate_has_a_kind_of_its_own() -> None:
    assert [rate.kind for rate in RATES] == [Kind.DENY_RATE, Kind.FILE_READ_VOLUME, Kind.REDACTION_RATE]
