"""Logs to try things on: records, writers that are closed at the end, and a way to fill a tiny disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000

RecordMaker = Callable[..., AuditRecord]
Opener = Callable[..., AuditWriter]
Runner = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def record() -> RecordMaker:
    """Makes the record of a decision; more fields by name."""

    def make(verdict: str = "allow", at: int = NOON, **fields: Json) -> AuditRecord:
        return AuditRecord(RecordKind.DECISION, at, {"client": "claude-code", "verdict": verdict, **fields})

    return make


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens writers on a directory with a clock that stands still, and closes those still open at the end."""
    writers: list[AuditWriter] = []

    def make(directory: Path, segment_bytes: int = 1 << 20, reserve_bytes: int = 65_536) -> AuditWriter:
        settings = WriterSettings(segment_bytes=segment_bytes, reserve_bytes=reserve_bytes)
        writers.append(AuditWriter(directory, settings, clock=lambda: NOON))
        return writers[-1]

    yield make
    for writer in writers:
        writer.close()


@pytest.fixture
def openssl() -> str:
    """The program that checks our keys and signatures without us."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("`openssl` is not installed: apt-get install openssl")
    return program


@pytest.fixture
def script() -> Runner:
    """Runs Python text in a process of its own, after `prefix` (`unshare -m`), and fails with its stderr."""

    def run(text: str, *arguments: str, prefix: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [*prefix, sys.executable, "-c", text, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run
