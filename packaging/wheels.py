"""Builds the source archive and, from that archive, a wheel for each platform: `python packaging/wheels.py --out DIR`.

All shims are compiled here, with Zig's C compiler, which brings the headers and linkers of the others along. The same
source and the same tools give the same bytes: nothing of the environment but the search path and `SOURCE_DATE_EPOCH`
reaches a build, the order of sets is fixed, and hatchling dates what it packs by `SOURCE_DATE_EPOCH`, else by a
constant. Files of these names in DIR are replaced once all have been built, and no others.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Target:
    """A platform: what Zig calls it, and the platform tags of its wheel, in the order that the standard asks for."""

    triple: str
    tags: tuple[str, ...]


# On Linux the shim has no C library, so either kind of system takes the wheel, under the oldest names that any Python
# which we run on knows. The triple lends its headers alone.
TARGETS = (
    Target("x86_64-linux-musl", ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "musllinux_1_1_x86_64")),
    Target("aarch64-linux-musl", ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "musllinux_1_1_aarch64")),
    Target("aarch64-macos.11.0", ("macosx_11_0_arm64",)),
    Target("x86_64-macos.11.0", ("macosx_11_0_x86_64",)),
)


def environment(target: Target | None, cache: Path) -> dict[str, str]:
    """All that a build may see of this machine; `cache` is where Zig keeps what it has compiled for itself."""
    kept = {name: os.environ[name] for name in ("SOURCE_DATE_EPOCH", "TMPDIR") if name in os.environ}
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    common = {**kept, "PATH": search, "HOME": str(cache), "LC_ALL": "C", "PYTHONHASHSEED": "0"}
    if target is None:
        return common
    return {
        **common,
        # By a name of the search path: a compiler is given as words, and the path may hold blanks. Without -g0 a
        # program for macOS holds what debuggers want, the path of this build included.
        "CC": f"{Path(sys.executable).name} -m ziglang cc -target {target.triple} -g0",
        "SECURITY_HOOKS_PLATFORM": ".".join(target.tags),
        "ZIG_GLOBAL_CACHE_DIR": str(cache),
        "ZIG_LOCAL_CACHE_DIR": str(cache),
    }


def build(kind: str, source: Path, out: Path, variables: dict[str, str]) -> Path:
    """Have hatchling build a `sdist` or `wheel` of `source` in the new directory `out`; returns the file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    done = subprocess.run(command, cwd=source, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        refuse(f"the {kind} cannot be built:\n{done.stdout}{done.stderr}")
    (built,) = out.iterdir()
    return built


def unpack(archive: Path, out: Path) -> Path:
    """Unpack a source archive of ours; returns its one directory."""
    with tarfile.open(archive) as packed:
        # Python 3.11 got the safe way to unpack with its fourth patch release.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        packed.extractall(out, **safely)  # type: ignore[arg-type]  # noqa: S202  # keyed by a literal; made by us
    (unpacked,) = out.iterdir()
    return unpacked


def build_all(out: Path, cache: Path) -> list[Path]:
    """The source archive and the wheels, in `out`."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="security-hooks-wheels-") as directory:
        place = Path(directory)
        archive = build("sdist", ROOT, place / "sdist", environment(None, cache))
        source = unpack(archive, place / "source")
        wheels = [build("wheel", source, place / t.triple, environment(t, cache)) for t in TARGETS]
        out.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.move(file, out / file.name)) for file in (archive, *wheels)]


def main(arguments: list[str]) -> int:
    """Build, and print the digest and name of each file as `sha256sum` does."""
    parser = argparse.ArgumentParser(prog="wheels", description="Build the source archive and a wheel per platform.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the directory for them (default: dist)")
    parser.add_argument("--cache", type=Path, default=ROOT / "build/zig", help="Zig's cache (default: build/zig)")
    args = parser.parse_args(arguments)
    if importlib.util.find_spec("ziglang") is None:
        refuse("the package ziglang is not installed: run `make wheels`, which installs it")
    for file in build_all(args.out.absolute(), args.cache.absolute()):
        print(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}")
    return 0


def refuse(sentence: str) -> NoReturn:
    """End with one sentence on stderr, and what a tool said after it."""
    sys.exit(f"security-hooks: {sentence}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
