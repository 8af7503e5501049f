"""The policy around a file in an editor, read from the disk: its layer, and what the editor has not saved."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from security_hooks.cli.rules_sources import real_path
from security_hooks.lsp.surroundings import with_text
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy import protection
from security_hooks.policy.source import RULES, PolicyDirectories, RuleFile, Sources, read_file, read_sources
from security_hooks.policy.source_layers import PROJECT_DIR

_OWN = "user"


def sources_around(
    path: Path, texts: Mapping[Path, str], directories: PolicyDirectories
) -> tuple[Sources, str, Mapping[str, Path]]:
    """The sources with the files as the editor has them, the name that they call `path` by, and where each file lies.

    A file of no layer is one of the person's, together with the rule files beside it. Never raises for what is on
    the disk: what cannot be read is among the problems.
    """
    try:
        sources = read_sources(directories, _project_of(path))
    except PolicyError as error:
        sources = Sources((), (), error.diagnostics)
    known = {real_path(file, directories): file for file in sources.rules}
    real = _real(path)
    if real not in known:
        beside = tuple(_beside(path, known))
        known |= {_real(Path(file.path)): file for file in beside}
        sources = msgspec.structs.replace(sources, rules=sources.rules + beside)
    for open_path, text in texts.items():
        file = known.get(_real(open_path))
        if file is not None:
            sources = with_text(sources, file.path, file.layer, text)
        elif open_path == path:
            sources = with_text(sources, str(path), _OWN, text)
    found = known.get(real)
    places = {file.path: place for place, file in known.items()}
    places |= {layer.path: Path(layer.path) for layer in sources.layers}
    places[protection.FILE] = Path(protection.__file__).with_name(protection.FILE)
    return sources, str(path) if found is None else found.path, places


def _project_of(path: Path) -> str | None:
    """The project whose own rules the file is among."""
    folder = path.parent
    is_own = folder.name == "rules" and folder.parent.name == PROJECT_DIR
    return str(folder.parent.parent) if is_own else None


def _real(path: Path) -> Path:
    """The path with links followed; unlike `resolve` it takes links that lead round in circles."""
    return Path(os.path.realpath(path))


def _beside(path: Path, known: Mapping[Path, RuleFile]) -> list[RuleFile]:
    """The rule files in the same directory; what cannot be read is left out."""
    found: list[RuleFile] = []
    try:
        files = sorted(file for file in path.parent.glob(f"*{RULES}") if not file.name.startswith("."))
    except OSError:
        return []
    for file in files:
        if _real(file) in known:
            continue
        try:
            found.append(RuleFile(_OWN, str(file), read_file(str(file))))
        except OSError:
            continue
    return found
