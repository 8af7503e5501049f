"""Which projects a person has trusted: a digest of the project's exact bytes, and the store that remembers it.

Pure: `policy/source_layers.py` reads the files and the store, `cli/trust.py` writes the store.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from security_hooks.model.diagnostic import Diagnostic, Level

VERSION = 1
_DOMAIN = b"security-hooks project files 1\0"


@dataclass(frozen=True, slots=True)
class Trust:
    """A person trusted these bytes; `at` is Unix time in seconds."""

    digest: str
    at: int


@dataclass(frozen=True, slots=True)
class TrustStore:
    """Every project that a person has trusted, by the real path of its root."""

    projects: Mapping[str, Trust] = field(default_factory=dict)


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over relative names and bytes, each with its length first, so that no two projects share it."""
    whole = hashlib.sha256(_DOMAIN)
    named = sorted((name.encode("utf-8", "surrogateescape"), content) for name, content in files.items())
    for name, content in named:
        for part in (name, content):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def is_trusted(store: TrustStore, root: str, project_digest: str) -> bool:
    """Whether a person has trusted exactly these bytes at this place."""
    trust = store.projects.get(root)
    return trust is not None and trust.digest == project_digest


def trusts(store: TrustStore, root: str, files: Mapping[str, bytes]) -> bool:
    """Whether a person has trusted these files, as `read_project` returned them; `root` is the root's real path."""
    return is_trusted(store, root, digest(files))


def with_trust(store: TrustStore, root: str, project_digest: str, at: int) -> TrustStore:
    """The store after a person trusted these bytes, in place of what they trusted there before."""
    return TrustStore({**store.projects, root: Trust(project_digest, at)})


def without_trust(store: TrustStore, root: str) -> TrustStore:
    """The store after a person took their trust back."""
    return TrustStore({known: trust for known, trust in store.projects.items() if known != root})


def encode_store(store: TrustStore) -> bytes:
    """The store as `trust.json`."""
    projects = {root: {"digest": trust.digest, "at": trust.at} for root, trust in sorted(store.projects.items())}
    # ASCII, because a path may hold bytes that are not UTF-8.
    return json.dumps({"version": VERSION, "projects": projects}, indent=2, ensure_ascii=True).encode() + b"\n"


def parse_store(text: bytes, file: str) -> tuple[TrustStore, tuple[Diagnostic, ...]]:
    """The store in `trust.json`. Anything wrong anywhere trusts nothing, with a warning that says so."""
    try:
        store = _store(json.loads(text))
    except (ValueError, RecursionError):
        store = None
    if store is not None:
        return store, ()
    message = "the record of trusted projects cannot be read, so no project is trusted"
    hint = "remove the file, then run `security-hooks trust` in each project again"
    return TrustStore(), (Diagnostic(file, 0, 0, "trust-store", message, hint, Level.WARNING),)


def _store(document: object) -> TrustStore | None:
    if not isinstance(document, dict) or document.keys() != {"version", "projects"}:
        return None
    projects = document["projects"]
    if type(document["version"]) is not int or document["version"] != VERSION or not isinstance(projects, dict):
        return None
    read = {root: _trust(entry) for root, entry in projects.items()}
    whole = {root: trust for root, trust in read.items() if trust is not None}
    return TrustStore(whole) if len(whole) == len(read) else None


def _trust(entry: object) -> Trust | None:
    if not isinstance(entry, dict) or entry.keys() != {"digest", "at"}:
        return None
    known, at = entry["digest"], entry["at"]
    if not isinstance(known, str) or len(known) != 64 or type(at) is not int:
        return None
    return Trust(known, at)
