"""Hypothesis profiles: `quick` for every run, `deep` for `make fuzz`. No test of ours is about time.

And a certificate for peers that speak TLS; and how often `make crash` kills.
"""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

NOT_ABOUT_TIME = (HealthCheck.too_slow,)

settings.register_profile("quick", deadline=None, max_examples=100, suppress_health_check=NOT_ABOUT_TIME)
settings.register_profile(
    "deep", deadline=None, max_examples=5_000, suppress_health_check=NOT_ABOUT_TIME, print_blob=True
)
settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How `tests/e2e/test_crash.py` goes about it."""
    parser.addoption("--kills", type=int, default=4, help="how often the daemon is killed under load")
    parser.addoption("--seed", type=int, default=None, help="the moments of an earlier run, which printed it")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, of its own authority, and its key."""
    pair = (tmp_path / "cert.pem", tmp_path / "key.pem")
    subject = ["-subj", "/CN=tests", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    try:
        subprocess.run([*command, "-out", pair[0], "-keyout", pair[1]], check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("openssl is not installed; on Debian: apt-get install openssl")
    return pair
