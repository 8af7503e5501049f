"""Programs that people run: rsyslog takes our messages and reads them rightly, Prometheus scrapes our figures."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
PATIENCE = 30.0
RSYSLOGD = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
PROMETHEUS = shutil.which("prometheus")
FORMAT = (
    "%app-name%|%msgid%|%structured-data%|%syslogfacility-text%.%syslogseverity-text%"
    "|%timereported:::date-rfc3339%|%msg%\\n"
)
Syslog = Callable[[str], tuple[str, Path]]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("it never came to that")
        time.sleep(0.01)


@pytest.fixture
def rsyslog(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Syslog]:
    """Starts an rsyslogd that listens one way; gives its URL and the file that it writes."""
    if RSYSLOGD is None:
        pytest.skip("rsyslogd is not installed; on Debian: apt-get install rsyslog")
    running: list[subprocess.Popen[bytes]] = []

    def start(scheme: str) -> tuple[str, Path]:
        out, port, path = tmp_path / "out", tmp_path / "port", tmp_path / "dev-log"
        cert, key = certificate
        ways = {
            "unix": f'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="{path}"'
            ' ParseHostname="on" UseSpecialParser="off" RateLimit.Interval="0")\n',
            "tcp": f'module(load="imtcp")\ninput(type="imtcp" port="0" listenPortFileName="{port}")\n',
            "tls": f'global(DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{cert}"'
            f' DefaultNetstreamDriverCertFile="{cert}" DefaultNetstreamDriverKeyFile="{key}")\n'
            'module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")\n'
            f'input(type="imtcp" port="0" listenPortFileName="{port}")\n',
        }
        config = tmp_path / "rsyslog.conf"
        config.write_text(
            f'global(workDirectory="{tmp_path}")\n{ways[scheme]}template(name="t" type="string" string="{FORMAT}")\n'
            f'action(type="omfile" file="{out}" template="t")\n'
        )
        arguments = [str(RSYSLOGD), "-n", "-f", str(config), "-i", str(tmp_path / "pid")]
        with (tmp_path / "rsyslog.log").open("wb") as log:
            running.append(subprocess.Popen(arguments, stdout=log, stderr=log))
        ready = path if scheme == "unix" else port
        wait_until(lambda: ready.exists() and (scheme == "unix" or ready.read_text().strip()))
        return f"unix://{path}" if scheme == "unix" else f"{scheme}://127.0.0.1:{port.read_text().strip()}", out

    yield start
    for process in running:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.parametrize("scheme", ["unix", "tcp", "tls"])
def test_rsyslog_reads_what_we_send(
    unstarted: Any, rsyslog: Syslog, scheme: str, certificate: tuple[Path, Path]
) -> None:
    if scheme == "tls" and not list(Path("/usr/lib").glob("**/rsyslog/lmnsd_ossl.so")):
        pytest.skip("rsyslog has no TLS; on Debian: apt-get install rsyslog-openssl")
    url, out = rsyslog(scheme)
    more = f'ca_file = "{certificate[0]}"\n' if scheme == "tls" else ""
    unstarted.config.mkdir()
    table = f'[[sinks]]\nname = "log"\nkind = "syslog"\nurl = "{url}"\nfacility = "local3"\nbatch_seconds = 1\n{more}'
    (unstarted.config / "config.toml").write_text(table)
    daemon = unstarted.start()
    daemon.call("ls")
    daemon.call("rm -rf /")
    daemon.call(f"echo {'x' * 20_000}")
    wait_until(lambda: out.exists() and len(out.read_text().splitlines()) >= 5)
    lines = [line.split("|", 5) for line in out.read_text().splitlines()]
    assert [(name, kind) for name, kind, *_ in lines] == [
        ("security-hooks", kind) for kind in ("start", "reload", "decision", "decision", "decision")
    ]
    assert [line[2] for line in lines] == [f'[meta sequenceId="{number}"]' for number in range(1, 6)]
    assert [line[3] for line in lines[2:4]] == ["local3.info", "local3.warning"]
    records = [json.loads(line[5]) for line in lines]
    expected = daemon.records()
    assert [(record["seq"], record["hash"]) for record in records] == [(r["seq"], r["hash"]) for r in expected]
    assert records[3]["fields"]["verdict"] == "deny"
    assert records[4]["fields"]["script"] == "[CUT:20005]"


def test_prometheus_scrapes_our_figures(unstarted: Any, tmp_path: Path) -> None:
    if PROMETHEUS is None:
        pytest.skip("prometheus is not installed; on Debian: apt-get install prometheus")
    ours, theirs = free_port(), free_port()
    unstarted.config.mkdir()
    (unstarted.config / "config.toml").write_text(f'[metrics]\nlisten = "127.0.0.1:{ours}"\n')
    daemon = unstarted.start()
    daemon.call("rm -rf /")
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"- job_name: security-hooks\n  static_configs:\n  - targets: ['127.0.0.1:{ours}']\n"
    )
    arguments = [
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{theirs}",
    ]
    with (
        (tmp_path / "prometheus.log").open("wb") as log,
        subprocess.Popen([PROMETHEUS, *arguments], stdout=log, stderr=log) as process,
    ):
        try:
            query = f"http://127.0.0.1:{theirs}/api/v1/query?query=security_hooks_decisions_total"
            found: list[Any] = []

            def scraped() -> bool:
                try:
                    with urllib.request.urlopen(query, timeout=5) as answer:
                        found[:] = json.load(answer)["data"]["result"]
                except OSError:
                    return False
                return bool(found)

            wait_until(scraped)
        finally:
            process.terminate()
    assert [(row["metric"]["client"], row["metric"]["verdict"], row["value"][1]) for row in found] == [
        ("claude-code", "deny", "1")
    ]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
