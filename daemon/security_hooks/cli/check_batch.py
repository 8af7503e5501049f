"""`security-hooks check --batch`: one case a line in, one answer a line out, in order; every line gets an answer.

Blank lines are no cases. Each answer goes out as soon as it is there, so that a caller may wait for one before it
writes the next case.
"""

import re
import time
from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from security_hooks.cli.command import Exit
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis
from security_hooks.model.event import HookEvent
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.service.attempt import attempt
from security_hooks.service.journal import rule_names
from security_hooks.service.judge import failed
from security_hooks.service.offline import Offline, real_home, shell_event
from security_hooks.service.offline_sessions import OfflineSessions
from security_hooks.tools.action import action_of

ABSENT = msgspec.Raw(b"null")
# An id at the start of a line that is no JSON: a number, or a string without escapes.
_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*(-?\d{1,18}|"[ !#-\[\]-~]{0,200}")\s*[,}]')


class Case(msgspec.Struct):
    """One line: a client's payload, or a command and where it would run. `home` stands for the home directory."""

    id: msgspec.Raw = ABSENT
    client: str = "claude-code"
    payload: msgspec.Raw = ABSENT
    command: str | None = None
    cwd: str = "/"
    home: str | None = None


class Answer(msgspec.Struct):
    """One line out. `action` is the kind of action that the call is, null where there is no call to judge."""

    id: msgspec.Raw
    verdict: str
    basis: str
    rules: list[str]
    action: str | None
    elapsed_us: int


class _Named(msgspec.Struct):
    id: msgspec.Raw = ABSENT


CASE = msgspec.json.Decoder(Case)
_NAMED = msgspec.json.Decoder(_Named)
_ANSWER = msgspec.json.Encoder()


def run_batch(lines: Iterable[bytes], out: BinaryIO, offline: Offline) -> int:
    """Judge every line; a line that cannot be judged is answered `deny`, basis `failure`."""
    home = real_home()
    sessions = OfflineSessions(offline)
    for line in lines:
        if line.isspace():
            continue
        started = time.perf_counter_ns()
        name, action = ABSENT, None
        try:
            case = CASE.decode(line)
            name = _plain(case.id)
            event, at_home = event_of(case, home, offline.snapshot.config.limits.request_bytes)
            # A command alone is nobody's session.
            judgement = (offline if case.command is not None else sessions).event(event, at_home)
            decision = judgement.decision
            action = None if judgement.call is None else action_of(judgement.call).value
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            name = _name_of(line)
            decision = failed(Failure(Reason.BAD_PAYLOAD, str(error)), None)
        except CallError as error:
            decision = failed(error.failure, None)
        # What could not be judged would be let through in `observe` mode, but is no verdict on the case.
        is_failure = decision.basis is Basis.FAILURE
        verdict = decision.would if is_failure else decision.verdict
        elapsed = (time.perf_counter_ns() - started) // 1000
        answer = Answer(name, verdict.word, decision.basis.value, rule_names(decision), action, elapsed)
        out.write(_ANSWER.encode(answer))
        out.write(b"\n")
        out.flush()
    return Exit.OK


def event_of(case: Case, home: str, longest: int) -> tuple[HookEvent, str]:
    """The event of a case and its home directory; `longest` bounds a payload in bytes. Raises CallError."""
    client = client_named(case.client)
    if client is None:
        raise CallError(Failure(Reason.UNKNOWN_CLIENT, case.client))
    home = home if case.home is None else _absolute(case.home, "home")
    payload = bytes(case.payload)
    if payload != b"null":
        if len(payload) > longest:
            raise CallError(Failure(Reason.REQUEST_TOO_LARGE, f"{len(payload)} bytes"))
        event = attempt(lambda: client.decode(payload))
        if isinstance(event, Failure):
            raise CallError(event)
        return event, home
    if case.command is None:
        raise CallError(Failure(Reason.BAD_PAYLOAD, "a case needs `payload` or `command`"))
    return shell_event(case.command, _absolute(case.cwd, "cwd"), case.client), home


def _absolute(path: str, key: str) -> str:
    if not path.startswith("/") or "\0" in path:
        raise CallError(Failure(Reason.BAD_PAYLOAD, f"`{key}` is not an absolute path"))
    return path


def _name_of(line: bytes) -> msgspec.Raw:
    """The id of a line that is no case, where it can be read."""
    try:
        return _plain(_NAMED.decode(line).id)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = _ID.match(line)
        return msgspec.Raw(found[1]) if found is not None else ABSENT


def _plain(name: msgspec.Raw) -> msgspec.Raw:
    """The id as it came, decoded once because what is passed on unread need not be JSON."""
    msgspec.json.decode(name)
    return name
