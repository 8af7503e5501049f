"""The tarball and the Debian package in a bare Debian: no Python there, and everything works."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.packages.conftest import BareRoot

from security_hooks import __version__

pytestmark = pytest.mark.slow

RECORDED = Path(__file__).parents[1] / "protocol/claude-code/PreToolUse.Bash.in.json"
# Judged by the daemon in a worker process, for its size.
LARGE = "echo " + "word " * 2_000 + "; rm -rf ~"

# Each `say` is a line of the report: a name and what came of it.
TRY = """
say() {{ printf '%s\\t' "$1"; shift; "$@" 2>/tmp/stderr | head -c 4000 | tr '\\n' ' '; printf '\\n'; }}
status() {{ "$@" >/tmp/out 2>&1 && echo 0 || echo $?; }}
if command -v python3 || ls /usr/lib/python3*; then echo "there is a Python"; exit 1; fi 2>/dev/null
say version security-hooks --version
say check status security-hooks check 'rm -rf ~'
say harmless status security-hooks check 'git status'
mkdir -p /tmp/machine /tmp/config/rules
own="--state-dir /tmp/state --config-dir /tmp/config"
security-hooks serve --socket /run/guard/hook.sock $own 2>/tmp/log &
daemon=$!
up() {{ security-hooks status --socket /run/guard/hook.sock >/dev/null 2>&1; }}
for i in $(seq 60); do up && break; sleep 0.2; done
shim() {{ security-hooks-shim claude-code --socket /run/guard/hook.sock < /given/$1; }}
say recorded shim recorded.json
say deadly shim deadly.json
say large shim large.json
printf 'block "mine"\\n  match command("marker")\\n  nudge "not here"\\n' > /tmp/config/rules/mine.rules
for i in $(seq 60); do shim marker.json 2>/dev/null | grep -q 'rule mine' && break; sleep 0.2; done
say live shim marker.json
say workers sh -c 'cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -o "worker_main [a-z][a-z]*" | sort -u'
say restart status security-hooks restart --socket /run/guard/hook.sock
say again shim deadly.json
security-hooks install --all --root /tmp/machine --socket /run/guard/hook.sock >/tmp/install 2>&1
say doctor security-hooks doctor --json --root /tmp/machine --socket /run/guard/hook.sock $own
say verify status security-hooks audit verify --state-dir /tmp/state
say lsp status security-hooks lsp --help
kill $daemon
wait $daemon || true
say log cat /tmp/log
"""

TARBALL = """
tar -C {place} -xzf /given/package.tar.gz
ln -s {place}/security-hooks/security-hooks {place}/security-hooks/security-hooks-shim /usr/local/bin/
"""
DEBIAN = """
dpkg --install /given/package.deb >/tmp/dpkg 2>&1
test -z "$(dpkg-query --show --showformat '${{Conffiles}}' security-hooks)"
dpkg --verify security-hooks
"""
REMOVED = """
dpkg --purge security-hooks >/dev/null 2>&1
printf 'left\\t'
find / -xdev '(' -path /given -o -path /proc -o -path /tmp ')' -prune -o -name '*security*hooks*' -print | tr '\\n' ' '
echo
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """The report of the script above."""

    lines: dict[str, str]
    stderr: str


def tried(bare: BareRoot, script: str) -> Tried:
    recorded = json.loads(RECORDED.read_text())
    for name, command in (("recorded", None), ("deadly", "rm -rf ~"), ("large", LARGE), ("marker", "marker")):
        tool_input = recorded["tool_input"] if command is None else {"command": command}
        (bare.given / f"{name}.json").write_text(json.dumps({**recorded, "tool_input": tool_input}))
    ran = bare.run(script)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Tried(dict(line.split("\t", 1) for line in ran.stdout.splitlines() if "\t" in line), ran.stderr)


def archive(packages: Path, pattern: str) -> Path:
    (found,) = packages.glob(pattern)
    return found


def well(report: Tried) -> None:
    said = {name: text.strip() for name, text in report.lines.items()}
    assert said["version"] == f"security-hooks {__version__}"
    assert (said["check"], said["harmless"]) == ("2", "0")
    assert json.loads(said["recorded"] or "{}").get("hookSpecificOutput", {}).get("permissionDecision") != "deny"
    denied = {"deadly": "critical-deletion", "large": "critical-deletion", "again": "critical-deletion", "live": "mine"}
    for name, rule in denied.items():
        reply = json.loads(said[name])["hookSpecificOutput"]
        assert reply["permissionDecision"] == "deny" and f"rule {rule}" in reply["permissionDecisionReason"]
    # The one that reads the log starts a little after the others.
    workers = said["workers"].replace("worker_main insight ", "")
    assert workers == "worker_main build worker_main judge"
    assert (said["restart"], said["verify"], said["lsp"]) == ("0", "0", "0")
    assert "was denied by the installed hook line" in said["doctor"]
    assert "error" not in said["log"].lower()


@pytest.mark.parametrize("place", ["/opt", "/srv"])
def test_the_tarball_works_wherever_it_is_unpacked(place: str, bare: BareRoot, packages: Path) -> None:
    shutil.copy(archive(packages, "*-linux-*.tar.gz"), bare.given / "package.tar.gz")
    well(tried(bare, TARBALL.format(place=place) + TRY.format()))


def test_the_debian_package_works_and_leaves_nothing(bare: BareRoot, packages: Path) -> None:
    shutil.copy(archive(packages, "*.deb"), bare.given / "package.deb")
    report = tried(bare, DEBIAN.format() + TRY.format() + REMOVED)
    well(report)
    assert report.lines["left"].strip() == ""


def test_the_debian_package_has_its_parts_in_their_places(packages: Path) -> None:
    listed = subprocess.run(
        ["dpkg-deb", "--contents", archive(packages, "*.deb")], capture_output=True, text=True, check=True
    ).stdout
    rows = {row.split()[5]: row.split() for row in listed.splitlines()}
    for place in (
        "./usr/lib/systemd/user/security-hooks.service",
        "./usr/lib/systemd/user/security-hooks.socket",
        "./usr/share/man/man1/security-hooks.1.gz",
        "./usr/share/man/man1/security-hooks-shim.1.gz",
        "./usr/share/bash-completion/completions/security-hooks",
        "./usr/share/zsh/vendor-completions/_security-hooks",
        "./usr/share/fish/vendor_completions.d/security-hooks.fish",
        "./usr/share/doc/security-hooks/copyright",
        "./usr/bin/security-hooks",
    ):
        assert rows[place][1] == "root/root"
    assert [row for row in rows if row.startswith("./etc")] == []


def test_lintian_has_nothing_to_say(packages: Path) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed; on Debian: apt-get install lintian")
    said = subprocess.run(
        ["lintian", "--fail-on", "error,warning", archive(packages, "*.deb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout) == (0, "")


def test_no_library_looks_for_others_on_the_machine_that_made_it(packages: Path, tmp_path: Path) -> None:
    if shutil.which("readelf") is None:
        pytest.skip("readelf is not installed; on Debian: apt-get install binutils")
    subprocess.run(["tar", "-C", tmp_path, "-xzf", archive(packages, "*-linux-*.tar.gz")], check=True)
    assert sorted(absolute_paths(tmp_path)) == []


def absolute_paths(folder: Path) -> Iterator[str]:
    for library in (folder / "security-hooks/_internal").rglob("*.so*"):
        told = subprocess.run(["readelf", "--dynamic", library], capture_output=True, text=True, check=True).stdout
        for row in told.splitlines():
            if "RUNPATH" in row or "RPATH" in row:
                paths = row.partition("[")[2].rstrip("]").split(":")
                yield from (f"{library.name}: {path}" for path in paths if not path.startswith("$ORIGIN"))
