"""Real git repositories for tests, with nobody's settings."""

import os
import subprocess
from pathlib import Path


def git(repository: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git says, run in a repository."""
    environment = {**os.environ, "HOME": str(repository.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=A Person", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=repository, check=True, capture_output=True, env=environment, input=given
    )
    return done.stdout


def new_repository(place: Path, files: dict[str, str]) -> Path:
    """A repository with one commit of these files."""
    place.mkdir(parents=True)
    git(place, "init", "-q")
    put(place, files)
    git(place, "add", "-A", "-f")
    git(place, "commit", "-q", "--allow-empty", "-m", "first")
    return place


def put(place: Path, files: dict[str, str]) -> None:
    """Write these files."""
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
