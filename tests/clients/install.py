"""Puts pinned versions of the clients into a directory of ours, from whatever registry npm is configured for."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.clients.program import Program

_ANSWER_SECONDS = 8
_INSTALL_SECONDS = 180


class Unavailable(Exception):  # noqa: N818 - a reason to skip, nobody erred
    """The client cannot be had here; the words say why."""


def install(program: Program, cache: Path) -> Path:
    """The path of the client's program, installed now or earlier; raises `Unavailable`."""
    place = cache / f"{program.name}-{program.version}"
    binary = place / "node_modules/.bin" / program.binary
    if not binary.exists():
        _fetch(program, place)
    _check(program, binary)
    return binary


def _fetch(program: Program, place: Path) -> None:
    if shutil.which("npm") is None:
        raise Unavailable("npm is not installed")
    wanted = f"{program.package}@{program.version}"
    place.parent.mkdir(parents=True, exist_ok=True)
    quick = ("--fetch-retries=0", f"--fetch-timeout={_ANSWER_SECONDS * 1000}", "--loglevel=error")
    if _npm(("view", wanted, "version", *quick), _ANSWER_SECONDS + 2) != program.version:
        raise Unavailable("no npm registry answers")
    with tempfile.TemporaryDirectory(dir=place.parent) as beside:
        made = Path(beside) / "made"
        made.mkdir()
        arguments = ("install", "--prefix", str(made), "--no-audit", "--no-fund", "--loglevel=error", wanted)
        if _npm(arguments, _INSTALL_SECONDS) is None:
            raise Unavailable("npm could not install it")
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)


def _npm(arguments: tuple[str, ...], seconds: float) -> str | None:
    try:
        done = subprocess.run(
            ["npm", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _check(program: Program, binary: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        try:
            said = subprocess.run(
                [str(binary), "--version"],
                env={"PATH": os.environ["PATH"], "HOME": home},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            ).stdout
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable("it does not start on this machine") from error
    if program.version not in said:
        raise Unavailable("it does not start on this machine")
