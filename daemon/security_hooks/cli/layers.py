"""The configuration that holds where a command is run: every layer, the project's with its trust."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from security_hooks.policy.config_types import Layer
from security_hooks.policy.source_layers import PROJECT_DIR, project_layers, read_layers, read_project, read_trust
from security_hooks.policy.trust import trusts
from security_hooks.service import directories
from security_hooks.service.place import find_project


@dataclass(frozen=True, slots=True)
class LayersHere:
    """`folders` are (layer name, directory) in order of precedence, whether they exist or not."""

    layers: tuple[Layer, ...]
    folders: tuple[tuple[str, Path], ...]


def project_at(place: Path) -> Path | None:
    """The root of the project that a call made at `place` would belong to."""
    root = find_project(str(place), str(Path.home()))
    return None if root is None else Path(root)


def read_machine(arguments: argparse.Namespace) -> LayersHere:
    """Read every layer but a project's; raises PolicyError where a file cannot be read."""
    shipped, system = directories.shipped_dir(), directories.SYSTEM_DIR
    user = directories.config_dir(arguments.config_dir)
    layers = read_layers(shipped, system, user, None, trusted=False)
    return LayersHere(layers, (("shipped", shipped), ("system", system), ("user", user)))


def read_here(arguments: argparse.Namespace) -> LayersHere:
    """Read every layer for the working directory; raises PolicyError where a file cannot be read."""
    machine = read_machine(arguments)
    root = project_at(Path.cwd())
    if root is None:
        return machine
    store, _ = read_trust(directories.state_dir(arguments.state_dir))
    files = read_project(root)
    layers = project_layers(root, files, trusts(store, os.path.realpath(root), files))
    return LayersHere(machine.layers + layers, (*machine.folders, ("project", root / PROJECT_DIR)))
