"""`[[sinks]]` and where metrics are served: what is read, what is refused, and who may say so."""

from typing import Any

import pytest

from security_hooks.model.diagnostic import Level
from security_hooks.model.sink import Format, Sink, SinkKind, decode_sink
from security_hooks.policy.config import build_config
from security_hooks.policy.config_sinks import is_metrics_address, read_sinks
from security_hooks.policy.config_types import Config, Layer
from security_hooks.service.directories import shipped_dir

KEY = ("sinks",)
HTTP = {"name": "a", "kind": "http", "url": "https://x.example/in", "secret_env": "KEY"}
SYSLOG = {"name": "b", "kind": "syslog", "url": "tls://x.example:6514"}


def test_sinks_are_read() -> None:
    sinks, wrong = read_sinks(KEY, [SYSLOG, {**HTTP, "format": "array", "batch_events": 7}])
    assert wrong == []
    assert [decode_sink(sink) for sink in sinks] == [
        Sink("a", SinkKind.HTTP, "https://x.example/in", secret_env="KEY", format=Format.ARRAY, batch_events=7),
        Sink("b", SinkKind.SYSLOG, "tls://x.example:6514"),
    ]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"a": {}}, "`sinks` must be a list of tables"),
        ([1], "a sink must be a table"),
        ([{}], "a sink must have a `name`"),
        ([{**HTTP, "name": "../a"}], "`sinks.name` must be small letters"),
        ([{**HTTP, "kind": "kafka"}], "`sinks.kind` must be `http` or `otlp` or `syslog`"),
        ([{**HTTP, "url": 1}], "`sinks.url` must be a string"),
        ([{**HTTP, "adress": "x"}], "`sinks.adress` is not a key"),
        ([{**HTTP, "secret": "hunter2"}], "`sinks.secret` is not a key"),
        ([{**HTTP, "batch_events": 0}], "a whole number from 1 to 1000"),
        ([{**HTTP, "batch_events": True}], "a whole number from 1 to 1000"),
        ([{**HTTP, "ca_file": "ca.pem"}], "an absolute path"),
        ([{**HTTP, "facility": "auth"}], "a sink of kind `http` has no `facility`"),
        ([{**SYSLOG, "secret_env": "KEY"}], "a sink of kind `syslog` has no `secret_env`"),
        ([{**HTTP, "secret_file": "/f"}], "either a `secret_file` or a `secret_env`"),
        ([{**SYSLOG, "kind": "http", "url": "https://x.example"}], "either a `secret_file` or a `secret_env`"),
        ([HTTP, HTTP], "there are two sinks `a`"),
    ],
)
def test_what_is_no_sink_is_told(tables: object, message: str) -> None:
    _, wrong = read_sinks(KEY, tables)
    assert message in " / ".join(text for _, text in wrong)


@pytest.mark.parametrize(
    ("kind", "url", "message"),
    [
        ("http", "https://x.example", ""),
        ("http", "https://[2001:db8::1]:8443/a?b=c", ""),
        ("http", "http://127.0.0.1:8080/", ""),
        ("http", "http://localhost/", ""),
        ("http", "http://[::1]:1/", ""),
        ("http", "http://x.example/", "only to this machine"),
        ("http", "http://127.0.0.1.x.example/", "only to this machine"),
        ("http", "https://me:secret@x.example/", "without a user name or password"),
        ("http", "https://x.example:0/", "`https://HOST"),
        ("http", "https://x.example:99999/", "`https://HOST"),
        ("http", "https://x example/", "`https://HOST"),
        ("http", "https://[x/", "`https://HOST"),
        ("http", "ftp://x.example/", "`https://HOST"),
        ("http", "https://x.example/\r\nX: y", "`https://HOST"),
        ("otlp", "http://x.example:4318/v1/logs", "only to this machine"),
        ("syslog", "unix:///dev/log", ""),
        ("syslog", "tcp://x.example:514", ""),
        ("syslog", "tls://[::1]:6514", ""),
        ("syslog", "unix:dev/log", "`unix:///PATH`"),
        ("syslog", "tcp://x.example", "`unix:///PATH`"),
        ("syslog", "udp://x.example:514", "`unix:///PATH`"),
    ],
)
def test_where_a_sink_may_be(kind: str, url: str, message: str) -> None:
    table: dict[str, Any] = {"name": "a", "kind": kind, "url": url}
    if kind == "http":
        table["secret_env"] = "KEY"
    sinks, wrong = read_sinks(KEY, [table])
    assert (len(sinks), bool(wrong)) == ((0, True) if message else (1, False))
    assert message in " ".join(text for _, text in wrong)


@pytest.mark.parametrize(
    ("listen", "is_good"),
    [
        ("", True),
        ("127.0.0.1:9464", True),
        ("localhost:9464", True),
        ("[::1]:9464", True),
        ("unix:/run/m.sock", True),
        ("0.0.0.0:9464", False),
        ("192.0.2.1:9464", False),
        ("127.0.0.1", False),
        ("127.0.0.1:9464/metrics", False),
        ("unix:m.sock", False),
        (":9464", False),
    ],
)
def test_metrics_stay_on_this_machine(listen: str, is_good: bool) -> None:
    assert is_metrics_address(listen) is is_good


def joined(*layers: Layer) -> tuple[Config, list[str]]:
    shipped = Layer("shipped", "config.toml", (shipped_dir() / "config.toml").read_bytes())
    config, diagnostics = build_config((shipped, *layers))
    assert not [found for found in diagnostics if found.level is Level.ERROR]
    return config, [found.code for found in diagnostics]


def table(name: str, port: int) -> str:
    return f'[[sinks]]\nname = "{name}"\nkind = "syslog"\nurl = "tcp://x.example:{port}"\n'


def test_layers_add_replace_and_take_out() -> None:
    system = Layer("system", "system.toml", (table("a", 1) + table("b", 2)).encode())
    user = Layer("user", "user.toml", ('exclude_sinks = ["b", "z"]\n' + table("a", 3) + table("c", 4)).encode())
    config, codes = joined(system, user)
    assert [(sink.name, sink.url) for sink in config.sinks] == [
        ("a", "tcp://x.example:3"),
        ("c", "tcp://x.example:4"),
    ]
    assert codes == ["unknown-name"]


def test_what_is_locked_stays() -> None:
    system = Layer("system", "system.toml", ('locked = ["sinks", "metrics.listen"]\n' + table("a", 1)).encode())
    user = Layer("user", "u", ('exclude_sinks = ["a"]\n' + table("c", 4) + '[metrics]\nlisten = "[::1]:1"\n').encode())
    config, codes = joined(system, user)
    assert [sink.name for sink in config.sinks] == ["a"]
    assert config.metrics_listen == ""
    assert codes == ["locked", "locked"]


@pytest.mark.parametrize("trusted", [True, False])
def test_a_project_has_no_say(trusted: bool) -> None:
    text = table("p", 1) + '[metrics]\nlisten = "127.0.0.1:1"\n'
    config, codes = joined(Layer("project", "p.toml", text.encode(), trusted))
    assert (config.sinks, config.metrics_listen) == ((), "")
    assert codes == ["not-for-projects"] * 2
