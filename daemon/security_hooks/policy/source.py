"""Reads everything that a build is made of: configuration layers, rule files and files of the command catalogue.

Of a project only the first two: what a catalogue says of a command can make rules about its effects pass.

The only file of this package that touches the disk. Links are followed, sizes and counts are bounded, nothing but
regular files is read, and the result does not depend on the order in which directories list their entries. What
cannot be read is a diagnostic that refuses the build: a rule file skipped in silence would be a rule switched off.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from security_hooks.model.diagnostic import Diagnostic
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source_layers import project_layers, read_layers, read_project, read_trust, shown
from security_hooks.policy.trust import trusts

FILE_BYTES = 1 << 20
FILES = 1_000
RULES = ".rules"
CATALOGUE = ".toml"


class RuleFile(msgspec.Struct, frozen=True):
    """One rule file as found. `layer` is `shipped`, `system`, `user` or `project`; `trusted` as in `Layer`."""

    layer: str
    path: str
    data: bytes
    trusted: bool = True


class CatalogueFile(msgspec.Struct, frozen=True):
    """One file of the command catalogue as found. `layer` is `system` or `user`."""

    layer: str
    path: str
    data: bytes


class Sources(msgspec.Struct, frozen=True):
    """All that one build is made of. `problems` are the diagnostics of reading; an ERROR there refuses the build.

    `catalogue` is in order: an entry of a later file replaces one of an earlier. `guarded` are paths of the running
    daemon that the rules which protect the guard do not name themselves, as globs.
    """

    layers: tuple[Layer, ...]
    rules: tuple[RuleFile, ...]
    problems: tuple[Diagnostic, ...] = ()
    catalogue: tuple[CatalogueFile, ...] = ()
    guarded: tuple[str, ...] = ()

    @property
    def full(self) -> frozenset[str]:
        """The paths of all files that are not empty."""
        return frozenset(path for path, data in self._files if data.strip())

    @property
    def empty(self) -> frozenset[str]:
        """The paths of all files that are empty: perhaps just being written."""
        return frozenset(path for path, data in self._files if not data.strip())

    @property
    def _files(self) -> list[tuple[str, bytes]]:
        files = [(layer.path, layer.text) for layer in self.layers] + [(file.path, file.data) for file in self.rules]
        return files + [(file.path, file.data) for file in self.catalogue]

    @property
    def digest(self) -> str:
        """SHA-256 over every source: its layer, name, trust and bytes. Where the directories lie does not matter."""
        files = [("config", layer.name, layer.path, layer.trusted, layer.text) for layer in self.layers]
        files += [("rules", file.layer, file.path, file.trusted, file.data) for file in self.rules]
        files += [("catalogue", file.layer, file.path, True, file.data) for file in self.catalogue]
        whole = hashlib.sha256()
        for kind, layer, path, trusted, data in sorted(files):
            head = (kind, layer, path.rpartition("/")[2], trusted, hashlib.sha256(data).digest())
            whole.update(msgspec.msgpack.encode(head))
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class PolicyDirectories:
    """Where policy is read from: `shipped` holds `config.toml`, `rules` the shipped `*.rules` (or `--rules DIR`),
    `system` and `config` (the user's) hold both, in `rules/` below them, and files of the command catalogue in
    `catalogue/`. `state` remembers whom a person trusts; `guarded` as in `Sources`.
    """

    shipped: str
    rules: str
    system: str
    config: str
    state: str
    guarded: tuple[str, ...] = field(default=(), kw_only=True)

    def of_project(self, root: str) -> str:
        """The directory that holds a project's own policy."""
        return f"{root}/.security-hooks"

    def rule_directories(self) -> tuple[tuple[str, str], ...]:
        """(layer, directory) of every place with rule files, but for projects."""
        return (("shipped", self.rules), ("system", f"{self.system}/rules"), ("user", f"{self.config}/rules"))

    def catalogue_directories(self) -> tuple[tuple[str, str], ...]:
        """(layer, directory) of every place with files of the command catalogue, but for the shipped ones."""
        return (("system", f"{self.system}/catalogue"), ("user", f"{self.config}/catalogue"))


def read_sources(directories: PolicyDirectories, root: str | None = None) -> Sources:
    """Read the sources of the machine's policy, and of a project's where `root` is given.

    Raises PolicyError where a project or a configuration file cannot be read. Trust is asked about the very bytes
    that are used.
    """
    problems: list[Diagnostic] = []
    rules: list[RuleFile] = []
    for layer, directory in directories.rule_directories():
        found = [RuleFile(layer, path, data) for path, data in _read_files(directory, RULES, problems)]
        if layer == "shipped":
            if not found:
                problems.append(
                    _problem(directory, "no-rules", "holds no `*.rules` files", "reinstall, or mend `--rules`")
                )
            if directory == f"{directories.shipped}/rules":
                found = [RuleFile(layer, f"rules/{file.path.rpartition('/')[2]}", file.data) for file in found]
        rules += found
    catalogue, doubts = read_catalogue_files(directories)
    problems += doubts
    layers = read_layers(Path(directories.shipped), Path(directories.system), Path(directories.config), None, False)
    if root is not None:
        files = read_project(Path(root))
        store, doubts = read_trust(Path(directories.state))
        problems += doubts
        trusted = trusts(store, os.path.realpath(root), files)
        layers += project_layers(Path(root), files, trusted)
        for name in sorted(files):
            folder, _, file = name.rpartition("/")
            if folder == "rules" and _is_ours(file, RULES):
                path = shown(Path(directories.of_project(root)) / name)
                if len(files[name]) > FILE_BYTES:
                    problems.append(
                        _problem(path, "unreadable", f"cannot be read: it is larger than {FILE_BYTES} bytes")
                    )
                rules.append(RuleFile("project", path, files[name], trusted))
    return Sources(layers, tuple(rules), tuple(problems), catalogue, directories.guarded)


def read_catalogue_files(
    directories: PolicyDirectories,
) -> tuple[tuple[CatalogueFile, ...], tuple[Diagnostic, ...]]:
    """The files of the command catalogue, but for the shipped ones, and why others cannot be read."""
    problems: list[Diagnostic] = []
    files = tuple(
        CatalogueFile(layer, path, data)
        for layer, directory in directories.catalogue_directories()
        for path, data in _read_files(directory, CATALOGUE, problems)
    )
    return files, tuple(problems)


def _read_files(directory: str, suffix: str, problems: list[Diagnostic]) -> Iterator[tuple[str, bytes]]:
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if _is_ours(entry.name, suffix))
    except FileNotFoundError:
        if os.path.lexists(directory):
            problems.append(_problem(directory, "unreadable", "is a link that leads nowhere", "mend or remove it"))
        return
    except OSError as error:
        problems.append(_problem(directory, "unreadable", f"cannot be read: {_why(error)}"))
        return
    if len(names) > FILES:
        problems.append(_problem(directory, "too-many-files", f"holds more than {FILES} `*{suffix}` files"))
        return
    for name in names:
        path = f"{directory}/{name}"
        try:
            data = read_file(path)
        except FileNotFoundError:
            if os.path.lexists(path):
                problems.append(_problem(path, "unreadable", "is a link that leads nowhere", "mend or remove it"))
        except OSError as error:
            problems.append(_problem(path, "unreadable", f"cannot be read: {_why(error)}"))
        else:
            yield shown(Path(path)), data


def read_file(path: str) -> bytes:
    """The bytes of a regular file of bounded size, links followed; raises OSError, and never waits for a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is not a regular file")
        pieces: list[bytes] = []
        size = 0
        while piece := os.read(descriptor, 1 << 18):
            size += len(piece)
            if size > FILE_BYTES:
                raise OSError(f"it is larger than {FILE_BYTES} bytes")
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _is_ours(name: str, suffix: str) -> bool:
    # Editors put locks and copies in the way under names with a leading dot.
    return name.endswith(suffix) and not name.startswith(".")


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _problem(path: str, code: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(shown(Path(path)), 0, 0, code, message, hint)
