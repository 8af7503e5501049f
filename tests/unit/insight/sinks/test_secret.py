"""Where secrets are read, and which are refused."""

from pathlib import Path

import pytest

from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.insight.sinks.secret import read_secret
from security_hooks.model.sink import Sink, SinkKind


def sink(**given: str) -> Sink:
    return Sink("s", SinkKind.HTTP, "https://x.example/", **given)  # type: ignore[arg-type]  # all are strings


def test_from_a_file_without_the_newline(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("abc\n")
    file.chmod(0o600)
    assert read_secret(sink(secret_file=str(file)), {}) == b"abc"


def test_from_the_environment() -> None:
    assert read_secret(sink(secret_env="KEY"), {"KEY": "abc"}) == b"abc"


def test_none_is_none() -> None:
    assert read_secret(sink(), {}) == b""


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [("abc", 0o644, "chmod 600"), ("abc", 0o620, "chmod 600"), (" \n", 0o600, "is empty")],
)
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, text: str, mode: int, message: str) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(DeliveryError, match=message):
        read_secret(sink(secret_file=str(file)), {})


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no KEY"):
        read_secret(sink(secret_env="KEY"), {})
    with pytest.raises(DeliveryError, match="cannot be read: No such file"):
        read_secret(sink(secret_file=str(tmp_path / "x")), {})
    with pytest.raises(DeliveryError, match="no regular file"):
        read_secret(sink(secret_file="/dev/null"), {})
