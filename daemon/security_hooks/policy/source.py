"""Reads everything that a build is made of: configuration layers and rule files, of the machine and of one project.

The only file of this package that touches the disk. Links are followed, sizes and counts are bounded, nothing but
regular files is read, and the result does not depend on the order in which directories list their entries. What
cannot be read is a diagnostic that refuses the build: a rule file skipped in silence would be a rule switched off.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from security_hooks.model.diagnostic import Diagnostic
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source_layers import project_layers, read_layers, read_project, read_trust, shown
from security_hooks.policy.trust import trusts

FILE_BYTES = 1 << 20
FILES = 1_000
SUFFIX = ".rules"


class RuleFile(msgspec.Struct, frozen=True):
    """One rule file as found. `layer` is `shipped`, `system`, `user` or `project`; `trusted` as in `Layer`."""

    layer: str
    path: str
    data: bytes
    trusted: bool = True


class Sources(msgspec.Struct, frozen=True):
    """All that one build is made of. `problems` are the diagnostics of reading; an ERROR there refuses the build."""

    layers: tuple[Layer, ...]
    rules: tuple[RuleFile, ...]
    problems: tuple[Diagnostic, ...] = ()

    @property
    def full(self) -> frozenset[str]:
        """The paths of all files that are not empty."""
        files = [(layer.path, layer.text) for layer in self.layers] + [(rule.path, rule.data) for rule in self.rules]
        return frozenset(path for path, data in files if data.strip())

    @property
    def empty(self) -> frozenset[str]:
        """The paths of all files that are empty: perhaps just being written."""
        files = [(layer.path, layer.text) for layer in self.layers] + [(rule.path, rule.data) for rule in self.rules]
        return frozenset(path for path, data in files if not data.strip())

    @property
    def digest(self) -> str:
        """SHA-256 over every source: its layer, name, trust and bytes. Where the directories lie does not matter."""
        files = [("config", layer.name, layer.path, layer.trusted, layer.text) for layer in self.layers]
        files += [("rules", file.layer, file.path, file.trusted, file.data) for file in self.rules]
        whole = hashlib.sha256()
        for kind, layer, path, trusted, data in sorted(files):
            head = (kind, layer, path.rpartition("/")[2], trusted, hashlib.sha256(data).digest())
            whole.update(msgspec.msgpack.encode(head))
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class PolicyDirectories:
    """Where policy is read from: `shipped` holds `config.toml`, `rules` the shipped `*.rules` (or `--rules DIR`),
    `system` and `config` (the user's) hold both, in `rules/` below them. `state` remembers whom a person trusts.
    """

    shipped: str
    rules: str
    system: str
    config: str
    state: str

    def of_project(self, root: str) -> str:
        """The directory that holds a project's own policy."""
        return f"{root}/.security-hooks"

    def rule_directories(self) -> tuple[tuple[str, str], ...]:
        """(layer, directory) of every place with rule files, but for projects."""
        return (("shipped", self.rules), ("system", f"{self.system}/rules"), ("user", f"{self.config}/rules"))


def read_sources(directories: PolicyDirectories, root: str | None = None) -> Sources:
    """Read the sources of the machine's policy, and of a project's where `root` is given.

    Raises PolicyError where a project or a configuration file cannot be read. Trust is asked about the very bytes
    that are used.
    """
    problems: list[Diagnostic] = []
    rules: list[RuleFile] = []
    for layer, directory in directories.rule_directories():
        found = list(_read_rules(layer, directory, problems))
        if layer == "shipped":
            if not found:
                problems.append(
                    _problem(directory, "no-rules", "holds no `*.rules` files", "reinstall, or mend `--rules`")
                )
            if directory == f"{directories.shipped}/rules":
                found = [RuleFile(layer, f"rules/{file.path.rpartition('/')[2]}", file.data) for file in found]
        rules += found
    layers = read_layers(Path(directories.shipped), Path(directories.system), Path(directories.config), None, False)
    if root is not None:
        files = read_project(Path(root))
        store, doubts = read_trust(Path(directories.state))
        problems += doubts
        trusted = trusts(store, os.path.realpath(root), files)
        layers += project_layers(Path(root), files, trusted)
        for name in sorted(files):
            folder, _, file = name.rpartition("/")
            if folder == "rules" and _is_rule_file(file):
                path = shown(Path(directories.of_project(root)) / name)
                if len(files[name]) > FILE_BYTES:
                    problems.append(
                        _problem(path, "unreadable", f"cannot be read: it is larger than {FILE_BYTES} bytes")
                    )
                rules.append(RuleFile("project", path, files[name], trusted))
    return Sources(layers, tuple(rules), tuple(problems))


def _read_rules(layer: str, directory: str, problems: list[Diagnostic]) -> Iterator[RuleFile]:
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if _is_rule_file(entry.name))
    except FileNotFoundError:
        if os.path.lexists(directory):
            problems.append(_problem(directory, "unreadable", "is a link that leads nowhere", "mend or remove it"))
        return
    except OSError as error:
        problems.append(_problem(directory, "unreadable", f"cannot be read: {_why(error)}"))
        return
    if len(names) > FILES:
        problems.append(_problem(directory, "too-many-files", f"holds more than {FILES} rule files"))
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
            yield RuleFile(layer, shown(Path(path)), data)


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


def _is_rule_file(name: str) -> bool:
    # Editors put locks and copies in the way under names with a leading dot.
    return name.endswith(SUFFIX) and not name.startswith(".")


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _problem(path: str, code: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(shown(Path(path)), 0, 0, code, message, hint)
