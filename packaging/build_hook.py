"""Puts into the wheel what Python alone does not bring: the compiled shim, its manual page, `config.toml`, `rules/`.

Hatchling calls `ShimHook.initialize` for each wheel and `finalize` after it. The shim is compiled by
`shim/Makefile` with `$CC` (default `cc`) in a temporary directory, so that the source tree stays as it was. The wheel
is for this machine; where `$CC` compiles for another one, `$SECURITY_HOOKS_PLATFORM` holds that one's platform tags,
joined by dots (`packaging/wheels.py` does so). What goes wrong for want of a tool ends in one sentence, not in a
traceback.
"""

import os
import platform
import shutil
import struct
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "security-hooks-shim"
PLATFORM = "SECURITY_HOOKS_PLATFORM"
PT_INTERP = 3
# How the header of a program begins, and what it calls the machine that a platform tag ends with.
ELF, MACH_O = b"\x7fELF", b"\xcf\xfa\xed\xfe"
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
MACH_O_MACHINES = {0x0100_0007: "x86_64", 0x0100_000C: "arm64"}


def shipped_files(root: Path) -> dict[str, str]:
    """The shipped policy: paths in the source tree -> paths in the wheel."""
    for pattern in ("config.toml", "rules/*.rules"):
        if not any(root.glob(pattern)):
            refuse(f"{pattern} not found in {root}: build from a whole checkout or source archive")
    return {
        str(root / "config.toml"): "security_hooks/shipped/config.toml",
        str(root / "rules"): "security_hooks/shipped/rules",
    }


def compile_policy(root: Path, out: Path, *, in_place: bool = False) -> Path:
    """Validate the shipped policy and write it to `out` as plain data; what is wrong with it ends the build.

    `in_place`: for the code in this tree alone, which may change without a new version.
    """
    sys.path.insert(0, str(root / "daemon"))
    try:
        from security_hooks.model.diagnostic import PolicyError
        from security_hooks.policy.precompile import compile_shipped
        from security_hooks.service.last_good import code_stamp

        rules = {file.name: file.read_bytes() for file in sorted(root.glob("rules/*.rules"))}
        try:
            compiled = compile_shipped(rules, (root / "config.toml").read_bytes(), code_stamp() if in_place else "")
        except PolicyError as error:
            refuse(f"the shipped policy is not valid:\n{error}")
    finally:
        sys.path.remove(str(root / "daemon"))
    out.write_bytes(compiled)
    return out


def compile_catalogue(root: Path, out: Path) -> Path:
    """Validate the catalogue and write it to `out` as plain data; what is wrong with it ends the build."""
    sys.path.insert(0, str(root / "daemon"))
    try:
        from security_hooks.catalogue.compiled import digest_of, pack
        from security_hooks.catalogue.load import load, shipped_files
        from security_hooks.model.diagnostic import PolicyError

        files = shipped_files()
        try:
            compiled = pack(load(files), digest_of(files))
        except PolicyError as error:
            refuse(f"the shipped catalogue is not valid:\n{error}")
    finally:
        sys.path.remove(str(root / "daemon"))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(compiled)
    return out


def compile_shim(source: Path, out: Path) -> Path:
    """Compile the shim in `source` into the directory `out`; returns the program. Refuses a dynamic one on Linux."""
    compiler = os.environ.get("CC", "cc")
    if not shutil.which("make"):
        refuse("`make` is not installed: it is needed, with a C compiler, to build the shim (Debian: apt install make)")
    if not compiler.split() or not shutil.which(compiler.split()[0]):
        refuse(
            f"the C compiler `{compiler}` is not installed: it is needed to build the shim"
            " (Debian: apt install gcc libc6-dev; or set CC)"
        )
    # A warning that only a newer compiler knows must not stop an installation.
    arguments = ["make", "--no-print-directory", "-C", str(source), f"OUT={out}", "WERROR="]
    built = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        refuse(f"the shim does not compile with `{compiler}`:\n{built.stdout}{built.stderr}")
    program = out / NAME
    content = program.read_bytes()
    # On macOS, which may compile for Linux too, an ELF program is one for Linux.
    if platform.system() in ("Linux", "Darwin") and content.startswith(ELF) and is_dynamic(content):
        refuse("the shim came out dynamic, which LD_PRELOAD can subvert: install musl-tools, or choose another CC")
    return program


def is_dynamic(elf: bytes) -> bool:
    """Whether a 64-bit or 32-bit ELF program asks for a loader (has a PT_INTERP header)."""
    wide, order = elf[4] == 2, "<" if elf[5] == 1 else ">"
    (start,) = struct.unpack_from(order + ("Q" if wide else "I"), elf, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", elf, 54 if wide else 42)
    return any(struct.unpack_from(order + "I", elf, start + i * size)[0] == PT_INTERP for i in range(count))


def fits(program: bytes, tag: str) -> bool:
    """Whether a program is one for the platform of a tag such as `musllinux_1_1_x86_64` or `macosx_11_0_arm64`."""
    if program.startswith(ELF):
        system, machine = "linux", ELF_MACHINES.get(*struct.unpack_from("<H", program, 18))
    elif program.startswith(MACH_O):
        system, machine = "macos", MACH_O_MACHINES.get(*struct.unpack_from("<I", program, 4))
    else:
        return False
    return machine is not None and system in tag and tag.endswith(f"_{machine}")


def wheel_tag(program: bytes) -> str:
    """Any Python 3, one platform: the wheel holds a program, but no extension module. Refuses a platform that is given
    and is not the program's.
    """
    given = os.environ.get(PLATFORM, "")
    for tag in filter(None, given.split(".")):
        if not fits(program, tag):
            refuse(f"the shim that CC compiled is no program for `{tag}`, which {PLATFORM} names")
    return f"py3-none-{given or sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def refuse(sentence: str) -> NoReturn:
    """End the build with one sentence on stderr."""
    sys.exit(f"security-hooks: {sentence}")


class ShimHook(BuildHookInterface[BuilderConfig]):
    """Adds the shim to each wheel, and the shipped policy and catalogue to each but an editable one, which reads the
    policy in the tree and has the compiled catalogue in `build/`.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say what goes where."""
        root = Path(self.root)
        self._directory = tempfile.TemporaryDirectory(prefix="security-hooks-")
        program = compile_shim(root / "shim", Path(self._directory.name))
        build_data["shared_scripts"][str(program)] = NAME
        build_data["shared_data"][str(root / "shim" / f"{NAME}.1")] = f"share/man/man1/{NAME}.1"
        build_data["pure_python"] = False
        build_data["tag"] = wheel_tag(program.read_bytes())
        if version == "editable":
            compile_catalogue(root, root / "build/catalogue.bin")
            compile_policy(root, root / "build/policy.bin", in_place=True)
        else:
            build_data["force_include"].update(shipped_files(root))
            policy = compile_policy(root, Path(self._directory.name) / "policy.bin")
            build_data["force_include"][str(policy)] = "security_hooks/shipped/policy.bin"
            catalogue = compile_catalogue(root, Path(self._directory.name) / "catalogue.bin")
            build_data["force_include"][str(catalogue)] = "security_hooks/shipped/catalogue.bin"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the temporary directory."""
        self._directory.cleanup()
