"""`[[sinks]]`: the tables of one layer in, each sink out, with everything wrong in it; and where metrics are served."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

from security_hooks.model.sink import Format, Sink, SinkKind, Start, encode_sink
from security_hooks.policy.toml_places import KeyPath

FACILITIES = ("user", "daemon", "auth", "authpriv", *(f"local{number}" for number in range(8)))
_ALL = frozenset(SinkKind)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST_PORT = 65_535

Wrong = tuple[KeyPath, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a sink: which kinds have it, what its value must be, and what it means."""

    name: str
    kinds: frozenset[SinkKind]
    must: str
    fits: Callable[[object], bool]
    doc: str


def _word(words: tuple[str, ...]) -> tuple[str, Callable[[object], bool]]:
    return " or ".join(f"`{word}`" for word in words), lambda value: value in words


def _number(least: int, most: int) -> tuple[str, Callable[[object], bool]]:
    def fits(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return f"a whole number from {least} to {most}", fits


def _text(form: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


_PATH = ("an absolute path", _text(re.compile(r"/[^\0]+")))

FIELDS: tuple[Field, ...] = (
    Field("name", _ALL, "small letters, digits and `-`, 32 at most", _text(_NAME), "What it is called; needed."),
    Field("kind", _ALL, *_word(tuple(SinkKind)), "The protocol that it speaks; needed."),
    Field("url", _ALL, "a string", lambda value: isinstance(value, str), "Where it is; needed."),
    Field("secret_file", frozenset({SinkKind.HTTP, SinkKind.OTLP}), *_PATH, "The file that holds its secret."),
    Field(
        "secret_env",
        frozenset({SinkKind.HTTP, SinkKind.OTLP}),
        "the name of an environment variable",
        _text(_VARIABLE),
        "The environment variable of the daemon that holds its secret.",
    ),
    Field("ca_file", _ALL, *_PATH, "Certificates to trust instead of the system's, in PEM."),
    Field("format", frozenset({SinkKind.HTTP}), *_word(tuple(Format)), "JSON lines, or one JSON array."),
    Field("facility", frozenset({SinkKind.SYSLOG}), *_word(FACILITIES), "The facility of syslog."),
    Field("start", _ALL, *_word(tuple(Start)), "What a new sink gets first: the whole log, or what comes from now on."),
    Field("batch_events", _ALL, *_number(1, 1000), "The most records that are sent at once."),
    Field("batch_seconds", _ALL, *_number(1, 300), "The longest that a record waits for others to be sent with."),
    Field("timeout_seconds", _ALL, *_number(1, 120), "The longest that sending once may take."),
    Field(
        "message_bytes",
        frozenset({SinkKind.SYSLOG}),
        *_number(1024, 65_536),
        "The longest message; of a longer one the longest texts are cut.",
    ),
)
_BY_NAME = {field.name: field for field in FIELDS}


def read_sinks(key: KeyPath, tables: object) -> tuple[tuple[str, ...], list[Wrong]]:
    """The sinks, encoded, and what is wrong with the others: where it stands and how it must be."""
    if not isinstance(tables, list):
        return (), [(key, "`sinks` must be a list of tables, each below a line `[[sinks]]`")]
    sinks: dict[str, str] = {}
    wrong: list[Wrong] = []
    for index, given in enumerate(tables):
        faults = list(_faults((*key, index), given))
        wrong += faults
        if faults:
            continue
        sink = msgspec.convert(given, Sink)
        if sink.name in sinks:
            wrong.append(((*key, index, "name"), f"there are two sinks `{sink.name}` in this file"))
        sinks[sink.name] = encode_sink(sink)
    return tuple(sinks[name] for name in sorted(sinks)), wrong


def is_metrics_address(value: str) -> bool:
    """Whether metrics may be served there: nowhere, a Unix socket, or a port of this machine's own addresses."""
    if value.startswith("unix:"):
        return value.startswith("unix:/") and "\0" not in value
    return not value or _is_local(_split(f"http://{value}"), is_port_needed=True)


def _faults(at: KeyPath, given: object) -> Iterator[Wrong]:
    if not isinstance(given, dict):
        yield at, "a sink must be a table, below a line `[[sinks]]`"
        return
    is_sound = True
    for name in ("name", "kind", "url"):
        if name not in given:
            is_sound = False
            yield at, f"a sink must have a `{name}`"
    for name, value in given.items():
        field = _BY_NAME.get(name)
        if field is None:
            known = ", ".join(f"`{field.name}`" for field in FIELDS)
            yield (*at, name), f"`sinks.{name}` is not a key; a sink has {known}"
        elif not field.fits(value):
            is_sound = False
            yield (*at, name), f"`sinks.{name}` must be {field.must}"
    if is_sound:
        yield from _contradictions(at, given, SinkKind(given["kind"]))


def _contradictions(at: KeyPath, given: dict[str, object], kind: SinkKind) -> Iterator[Wrong]:
    for name in given:
        if name in _BY_NAME and kind not in _BY_NAME[name].kinds:
            yield (*at, name), f"a sink of kind `{kind}` has no `{name}`"
    problem = _PROBLEM_OF_URL[kind](_split(str(given["url"])))
    if problem:
        yield (*at, "url"), f"`sinks.url` of kind `{kind}` must be {problem}"
    secrets = sum(name in given for name in ("secret_file", "secret_env"))
    if secrets > 1 or (secrets == 0 and kind is SinkKind.HTTP):
        yield at, f"a sink of kind `{kind}` must have either a `secret_file` or a `secret_env`"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # Asking for it is what checks it.
        is_good = parts.port is None or 0 < parts.port <= _LARGEST_PORT
    except ValueError:
        return None
    return parts if is_good and url.isascii() and url.isprintable() and " " not in url else None


def _web_problem(parts: SplitResult | None) -> str:
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        return "`https://HOST[:PORT]/PATH`"
    if parts.username is not None or parts.password is not None:
        return "without a user name or password: secrets stand in a file or an environment variable"
    if parts.scheme == "http" and not _is_local(parts):
        return "`https://...`; only to this machine may it be `http://`"
    return ""


def _syslog_problem(parts: SplitResult | None) -> str:
    form = "`unix:///PATH`, `tcp://HOST:PORT` or `tls://HOST:PORT`"
    if parts is None or parts.query or parts.fragment or parts.username is not None:
        return form
    if parts.scheme == "unix":
        return "" if not parts.netloc and re.match("/.", parts.path) else form
    is_good = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and parts.path in ("", "/")
    return "" if is_good else form


_PROBLEM_OF_URL = {SinkKind.HTTP: _web_problem, SinkKind.OTLP: _web_problem, SinkKind.SYSLOG: _syslog_problem}


def _is_local(parts: SplitResult | None, *, is_port_needed: bool = False) -> bool:
    if parts is None or not parts.hostname or (is_port_needed and (parts.port is None or parts.path)):
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False
