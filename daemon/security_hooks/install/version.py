"""Whether a client is on this machine, and which version: by its package's metadata, else by asking it."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from security_hooks.install.places import Machine
from security_hooks.wiring.table import Version, WiredClient

SECONDS = 10
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_ANCESTORS = 5
_MODULES = ("usr/local/lib/node_modules", "usr/lib/node_modules")


@dataclass(frozen=True, slots=True)
class Present:
    """A client that is here; `version` is None where nothing tells it."""

    program: str
    version: Version | None


def present(client: WiredClient, machine: Machine) -> Present | None:
    """The client on this machine, or below the machine's root, where nothing is run; None where it is not."""
    if machine.root is not None:
        for modules in _MODULES:
            package = machine.root / modules / client.package / "package.json"
            if package.is_file():
                return Present(str(package.parent), _of_package(package, client.package))
        return None
    program = shutil.which(client.program)
    if program is None:
        return None
    real = Path(program).resolve()
    for directory in real.parents[:_ANCESTORS]:
        version = _of_package(directory / "package.json", client.package)
        if version is not None:
            return Present(program, version)
    if (named := _VERSION.fullmatch(real.name)) is not None:
        return Present(program, _version(named))
    return Present(program, _asked(program))


def _of_package(file: Path, name: str) -> Version | None:
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("name") != name:
        return None
    found = _VERSION.match(str(data.get("version")))
    return None if found is None else _version(found)


def _asked(program: str) -> Version | None:
    try:
        run = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(run.stdout.decode("utf-8", "replace")[:1000])
    return None if found is None else _version(found)


def _version(found: re.Match[str]) -> Version:
    major, minor, patch = (int(number[:9]) for number in found.groups())
    return major, minor, patch
