"""One line of the audit log back to the call that it records, as far as the record tells.

A shell or patch tool comes back from its script. Every other tool's input is put together again from the strings of
the record and read by the client's own decoder, so that its paths, texts and addresses are what they were. What is
not whole in the record is never guessed: the line then says why it cannot be judged again.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from security_hooks.clients import client_named
from security_hooks.clients.payload import DEEPEST_INPUT
from security_hooks.model.decision import Basis, Verdict
from security_hooks.model.event import EventKind, HookEvent, InputString, McpTarget, Place, ToolCall, ToolKind
from security_hooks.model.failure import CallError
from security_hooks.model.record import RecordKind
from security_hooks.policy.decide import UNJUDGED


class Unfit(Enum):
    """Why a record or a case cannot be judged."""

    UNREADABLE = "no record that can be read"
    NO_CALL = "no tool call that rules judge (prompts, results, sessions)"
    FAILURE = "could not be judged then, so its call was not read"
    STRUCTURE = 'the log keeps no text (content = "structure")'
    CUT = "the record holds only the beginning of its text"
    CLIENT = "the client is not known"
    INPUT = "the tool's input is not whole in the record"
    PROJECT = "the project's own rules cannot be loaded"
    CASE = "no case that can be read"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: the verdict of the policy (whatever the mode made of it), the rules behind it, the policy's digest."""

    verdict: Verdict
    rules: tuple[str, ...]
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A call to be judged again. `root` is the project whose own rules hold too; `said` what was answered then."""

    name: str
    event: HookEvent
    place: Place
    root: str | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A record or case that cannot be judged."""

    name: str
    why: Unfit


Recalled: TypeAlias = Case | Passed

_Sizes: TypeAlias = dict[str, int]


class _Finding(msgspec.Struct):
    rule: str
    verdict: str | None = None


class _Mcp(msgspec.Struct):
    server: str = ""
    tool: str = ""
    command: tuple[str, ...] = ()
    url: str | None = None
    cwd: str | None = None
    source: str | None = None
    others: tuple[str, ...] = ()


class _Fields(msgspec.Struct):
    """Of a decision's record, what a call is made of. Texts are sizes where the log keeps structure alone."""

    client: str = ""
    verdict: str = ""
    would: str | None = None
    basis: str = ""
    policy: str = ""
    event: str = ""
    kind_of_event: str = ""
    session: str | _Sizes = ""
    cwd: str | _Sizes | None = None
    home: str | _Sizes | None = None
    project: str | _Sizes | None = None
    root: str | _Sizes | None = None
    permission_mode: str | _Sizes | None = None
    tool: str | _Sizes | None = None
    tool_kind: str = ""
    tool_cwd: str | _Sizes | None = None
    script: str | _Sizes | None = None
    input: dict[str, str | int] | None = None
    settings_path: str | _Sizes | None = None
    strings: int = 0
    mcp: _Mcp | None = None
    unanalysed_code: bool = False
    findings: tuple[_Finding, ...] = ()


class _Record(msgspec.Struct):
    kind: str
    at: str
    seq: int
    fields: msgspec.Raw


_RECORD = msgspec.json.Decoder(_Record)
_FIELDS = msgspec.json.Decoder(_Fields)
_KINDS = {kind.value: kind for kind in EventKind}
_VERDICTS = {verdict.word: verdict for verdict in Verdict}
_KEY = "/~key"
_CUT = re.compile(r"\[CUT:\d+\]\Z")
# Bare, the placeholder of a secret is a glob to the shell; the secret was none. The backslash changes nothing where
# the placeholder stands in quotes.
_BARE = re.compile(r"(?<!\\)(?=\[REDACTED:)")


def recall(line: bytes, home: str, since: str = "") -> Recalled | None:
    """The call that a line records. None for what the daemon records of itself, and for records before `since`.

    `since` is a time as the log writes it. `home` stands for the home directory where an older record tells none.
    """
    try:
        record = _RECORD.decode(line)
        if record.at < since or record.kind != RecordKind.DECISION.value:
            return None
        name = str(record.seq)
        fields = _FIELDS.decode(record.fields)
        answered = fields.would or fields.verdict
        if answered not in _VERDICTS:
            return Passed(name, Unfit.UNREADABLE)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Passed("?", Unfit.UNREADABLE)
    if fields.basis == Basis.FAILURE.value:
        return Passed(name, Unfit.FAILURE)
    if not fields.tool or fields.kind_of_event not in _KINDS or _KINDS[fields.kind_of_event] in UNJUDGED:
        return Passed(name, Unfit.NO_CALL)
    if fields.kind_of_event == EventKind.CONFIG_CHANGE.value and answered == Verdict.ALLOW.word:
        # By what the settings said then; the rules let none through.
        return Passed(name, Unfit.NO_CALL)
    rules = tuple(dict.fromkeys(finding.rule for finding in fields.findings if finding.verdict == answered))
    found = _event(fields)
    if isinstance(found, Unfit):
        return Passed(name, found)
    place = Place(found.cwd, _text(fields.home) or home, _text(fields.project))
    return Case(name, found, place, _text(fields.root), Said(_VERDICTS[answered], rules, fields.policy))


def _text(value: str | _Sizes | None) -> str | None:
    return value if isinstance(value, str) else None


def _event(fields: _Fields) -> HookEvent | Unfit:
    texts = (fields.script, fields.cwd, fields.home, fields.root, fields.tool_cwd)
    if any(isinstance(text, dict) for text in texts) or (fields.input and "entries" in fields.input):
        return Unfit.STRUCTURE
    script, given = _text(fields.script), fields.input or {}
    if any(_CUT.search(text) for text in (script or "", *map(str, given.values()))) or "[CUT]" in given:
        return Unfit.CUT
    if client_named(fields.client) is None:
        return Unfit.CLIENT
    if len(given) < fields.strings or any(pointer.count("/") > DEEPEST_INPUT + 1 for pointer in given):
        return Unfit.INPUT
    tool = _scripted(fields, script) if script is not None else _decoded(fields, given)
    if tool is None:
        return Unfit.INPUT
    mcp = McpTarget(**msgspec.structs.asdict(fields.mcp)) if fields.mcp is not None else None
    tool = replace(
        tool,
        cwd=_text(fields.tool_cwd) or tool.cwd,
        mcp=mcp or tool.mcp,
        unanalysed_code=fields.unanalysed_code or tool.unanalysed_code,
    )
    return HookEvent(
        fields.client,
        _KINDS[fields.kind_of_event],
        fields.event,
        _text(fields.session) or "",
        cwd=_text(fields.cwd),
        permission_mode=_text(fields.permission_mode),
        tool=tool,
    )


def _scripted(fields: _Fields, script: str) -> ToolCall | None:
    try:
        kind = ToolKind(fields.tool_kind)
    except ValueError:
        return None
    read = _BARE.sub(r"\\", script) if kind is ToolKind.SHELL else script
    return ToolCall(str(fields.tool), kind, script=read, strings=(InputString("/command", read),))


def _decoded(fields: _Fields, given: dict[str, str | int]) -> ToolCall | None:
    """The call as the client's decoder reads the input once more."""
    client = client_named(fields.client)
    payload = {
        "session_id": "",
        "hook_event_name": fields.event,
        "cwd": fields.cwd,
        "file_path": _text(fields.settings_path),
        "tool_name": fields.tool,
        "tool_input": _built({pointer: value for pointer, value in given.items() if isinstance(value, str)}),
    }
    try:
        return None if client is None else client.decode(msgspec.json.encode(payload)).tool
    except (CallError, RecursionError):
        return None


def _built(strings: dict[str, str]) -> object:
    """The input from its strings by pointer. Keys have entries of their own; members of lists have none."""
    keys = {pointer.removesuffix(_KEY) for pointer in strings if pointer.endswith(_KEY)}
    values = {pointer: value for pointer, value in strings.items() if not pointer.endswith(_KEY)}
    members: dict[str, dict[str, None]] = {"": {}}
    for pointer in (*keys, *values):
        below = pointer
        while below:
            above, _, token = below.rpartition("/")
            members.setdefault(above, {})[token] = None
            below = above

    def value(pointer: str) -> object:
        tokens = members.get(pointer)
        if tokens is None:
            return values.get(pointer)
        if not pointer or any(f"{pointer}/{token}" in keys for token in tokens):
            return {token.replace("~1", "/").replace("~0", "~"): value(f"{pointer}/{token}") for token in tokens}
        return [value(f"{pointer}/{token}") for token in sorted(tokens, key=lambda token: (len(token), token))]

    return value("")
