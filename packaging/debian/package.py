"""Makes a Debian package of the bundle's folder, `dist/security-hooks_VERSION_ARCHITECTURE.deb`.

The package holds no configuration file and no maintainer script: /etc/security-hooks is the administrator's alone, and
which user runs a daemon is for each of them to say. Run after `packaging/bundle/bundle.py`, whose folder it takes.
"""

import email.utils
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "bundle"))
from bundle import NAME, ROOT, SHIM, commit_time, needed_glibc, version
from licences import refuse

HERE = Path(__file__).parent
REVISION = 1
# Where Debian has them, in the order of the bundle's own `share`.
PLACES = (
    ("share/man", "usr/share/man"),
    ("share/bash-completion", "usr/share/bash-completion"),
    ("share/zsh/site-functions", "usr/share/zsh/vendor-completions"),
    ("share/fish", "usr/share/fish"),
    ("share/systemd", "usr/lib/systemd"),
)
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: libc6 (>= {glibc})
Section: admin
Priority: optional
Description: judge of the tool calls of AI coding agents
 One local daemon judges every tool call of AI coding agents (Claude Code,
 Gemini CLI, Codex CLI) before it runs. It knows what a command would do,
 however it is spelled, and answers allow, ask or deny by rules; when anything
 goes wrong, the call does not run.
 .
 This package brings its own Python interpreter with all that the daemon needs.
"""
CHANGELOG = """\
{name} ({version}) unstable; urgency=medium

  * Release {upstream}; see changelog.gz.

 -- {maintainer}  {date}
"""


def lay_out(bundle: Path, root: Path, upstream: str, when: int) -> None:
    """Put the bundle's files below `root`, where a Debian system has them, with the control files."""
    shutil.rmtree(root, ignore_errors=True)
    ours = root / "usr/lib" / NAME
    ours.mkdir(parents=True)
    for program in (NAME, SHIM):
        shutil.copy2(bundle / program, ours / program)
        link = root / "usr/bin" / program
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(f"../lib/{NAME}/{program}")
    shutil.copytree(bundle / "_internal", ours / "_internal", symlinks=True)
    for source, place in PLACES:
        shutil.copytree(bundle / source, root / place)
    for page in root.glob("usr/share/man/man*/*"):
        _compress(page.read_bytes(), page.with_name(f"{page.name}.gz"))
        page.unlink()
    about = root / "usr/share/doc" / NAME
    about.mkdir(parents=True)
    (about / "copyright").write_text(copyright_of(bundle))
    _compress((ROOT / "CHANGELOG.md").read_bytes(), about / "changelog.gz")
    words = {"name": NAME, "upstream": upstream, "version": f"{upstream}-{REVISION}", "maintainer": maintainer()}
    date = email.utils.formatdate(when)
    _compress(CHANGELOG.format(**words, date=date).encode(), about / "changelog.Debian.gz")
    overrides = root / "usr/share/lintian/overrides" / NAME
    overrides.parent.mkdir(parents=True)
    shutil.copy2(HERE / "lintian-overrides", overrides)
    _settle(root)
    _write_control(root, words, needed_glibc(bundle))


def copyright_of(bundle: Path) -> str:
    """Our licence, then those of everything that the bundle holds of others, each under its name."""
    parts = [
        f"{NAME} is under this licence:\n\n{(bundle / 'LICENSE').read_text()}",
        "It holds, built into it, parts of others. Their licences and copyright notices follow.\n",
    ]
    texts = sorted(path for path in (bundle / "licences").rglob("*") if path.is_file())
    parts += [f"{text.parent.name} ({text.name})\n{'=' * 78}\n\n{text.read_text(errors='replace')}" for text in texts]
    return "\n\n".join(parts)


def maintainer() -> str:
    """Who answers for the package: $DEBFULLNAME and $DEBEMAIL, as with Debian's own tools."""
    name = os.environ.get("DEBFULLNAME", "security-hooks maintainers")
    return f"{name} <{os.environ.get('DEBEMAIL', 'maintainers@security-hooks.invalid')}>"


def _write_control(root: Path, words: dict[str, str], glibc: tuple[int, int]) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum((path.stat().st_size + 1023) // 1024 for path in files)
    architecture = _told(["dpkg", "--print-architecture"])
    control = root / "DEBIAN"
    control.mkdir()
    needed = ".".join(map(str, glibc))
    (control / "control").write_text(CONTROL.format(**words, architecture=architecture, size=size, glibc=needed))
    sums = (f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files)  # noqa: S324 - dpkg's format
    (control / "md5sums").write_text("".join(sums))
    _settle(control)


def _settle(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or (path.name in {NAME, SHIM} and path.stat().st_mode & 0o100) else 0o644)


def _compress(text: bytes, place: Path) -> None:
    place.write_bytes(gzip.compress(text, 9, mtime=0))


def _told(words: list[str]) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """Make the package and say where it is."""
    if shutil.which("dpkg-deb") is None:
        refuse("`dpkg-deb` is not installed: on Debian it is in the package dpkg")
    bundle, root = ROOT / "build/bundle" / NAME, ROOT / "build/debian"
    if not bundle.is_dir():
        refuse("there is nothing to pack: run `make tarball` first")
    when, upstream = commit_time(ROOT), version(ROOT)
    lay_out(bundle, root, upstream, when)
    package = ROOT / f"dist/{NAME}_{upstream}-{REVISION}_{_told(['dpkg', '--print-architecture'])}.deb"
    package.parent.mkdir(exist_ok=True)
    settled = {**os.environ, "SOURCE_DATE_EPOCH": str(when)}
    words = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package)]
    if subprocess.run(words, env=settled, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        refuse(f"this failed: {' '.join(words)}")
    print(f"{package.relative_to(ROOT)}: {package.stat().st_size >> 20} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
