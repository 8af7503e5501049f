"""Real bash in a box: scripts of harmless commands are run, and what each command was given is brought back."""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

# Writes its arguments, counted and each ended by a NUL, to descriptor 99 in one go.
PRINTER = r"""
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    static char buffer[60000];
    size_t used = (size_t)snprintf(buffer, 32, "%d", argc) + 1;
    for (int i = 0; i < argc; i++) {
        size_t size = strlen(argv[i]) + 1;
        if (used + size > sizeof buffer)
            return 1;
        memcpy(buffer + used, argv[i], size);
        used += size;
    }
    return write(99, buffer, used) == (ssize_t)used ? 0 : 1;
}
"""
NAMES = ("p", "q", "r")
NAMESPACES = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--net", "--fork", "--kill-child")
# One shell for each script, in its own directory; nothing of the machine can be written to.
DRIVER = """
mount -o remount,bind,ro / 2>/dev/null
PATH=$1/bin
for ((n = 0; n < $2; n++)); do
    cd "$1/run/$n" || exit 9
    (
        ulimit -t 2
        HOME=/home/me exec /bin/bash --norc --noprofile "$1/scripts/$n"
    ) </dev/null >/dev/null 2>"$1/complaints/$n" 99>>"$1/out/$n"
done
"""
PREPARED = "enable -n kill exec enable ulimit\n"
SECONDS = 60

Run = tuple[Path, list[list[str]], bool]
Sandbox = Callable[[Sequence[str]], list[Run]]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


@pytest.fixture(scope="session")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the printer under each of its names."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the argument printer with")
    folder = tmp_path_factory.mktemp("printer")
    source = folder / "printer.c"
    source.write_text(PRINTER)
    binary = folder / "bin" / NAMES[0]
    binary.parent.mkdir()
    subprocess.run([compiler, "-O1", "-o", str(binary), str(source)], check=True, timeout=60)
    for name in NAMES[1:]:
        binary.with_name(name).hardlink_to(binary)
    return binary.parent


@pytest.fixture(scope="session")
def bash_sandbox(printer: Path, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Run scripts, each for itself; give back where each ran, the arguments of every command, in order, and whether
    bash had nothing to complain of.
    """
    for program in ("unshare", "bash", "mount"):
        if shutil.which(program) is None:
            pytest.skip(f"`{program}` is not installed")
    probe = subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False, timeout=30)
    if probe.returncode:
        pytest.skip("this machine does not allow user, mount, pid and network namespaces of one's own")

    def run(scripts: Sequence[str]) -> list[Run]:
        folder = tmp_path_factory.mktemp("bash")
        (folder / "bin").symlink_to(printer)
        for name in ("run", "scripts", "out", "complaints"):
            (folder / name).mkdir()
        for number, script in enumerate(scripts):
            (folder / "run" / str(number) / "d" / "e").mkdir(parents=True)
            (folder / "scripts" / str(number)).write_text(PREPARED + script + "\n")
        # The folder stays writable: it is a mount of its own when the rest becomes read-only.
        inner = 'mount --bind "$1" "$1" && exec /bin/bash --norc --noprofile -c "$3" bash "$1" "$2"'
        subprocess.run(
            [
                *NAMESPACES,
                "/bin/bash",
                "--norc",
                "--noprofile",
                "-c",
                inner,
                "bash",
                str(folder),
                str(len(scripts)),
                DRIVER,
            ],
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd=folder,
            check=True,
            timeout=SECONDS,
            preexec_fn=_limited,
        )
        return [
            (
                folder / "run" / str(n),
                _records(folder / "out" / str(n)),
                not (folder / "complaints" / str(n)).stat().st_size,
            )
            for n in range(len(scripts))
        ]

    return run


def _records(file: Path) -> list[list[str]]:
    fields = file.read_bytes().decode().split("\0")[:-1] if file.exists() else []
    records: list[list[str]] = []
    position = 0
    while position < len(fields):
        count = int(fields[position])
        records.append(fields[position + 1 : position + 1 + count])
        position += 1 + count
    return records
