"""Compare the catalogue's options with what installed programs print for `--help`: .ci/help-check [NAME ...]

Looks at each command of the catalogue that is installed here (or at those named), runs it with `--help` in an empty
directory with nothing on standard input, and prints the long options that only one of the two knows. Nothing is
changed; a program that does not answer within two seconds is left out. Exit status 1 where fewer than 90 % agree.
"""

import re
import shutil
import subprocess
import sys
import tempfile

from security_hooks.catalogue.load import shipped
from security_hooks.model.action import Action

_LONG = re.compile(r"(?<![\w-])(--[a-z][a-z0-9-]+)")
# What these do with `--help` is not always to print it.
_UNASKED = frozenset((Action.SYSTEM_DESTRUCTIVE, Action.SYSTEM_WRITE, Action.PROCESS_SIGNAL, Action.PRIVILEGE))


def main(names: list[str]) -> int:
    """Print the report."""
    catalogue = shipped()
    specs = {spec.name: spec for spec in catalogue.commands.values()}
    wanted = names or sorted(specs)
    known_in_help = listed = asked = 0
    for name in wanted:
        spec = specs.get(name)
        program = shutil.which(name)
        if spec is None or program is None or spec.action in _UNASKED or "--help" not in spec.options:
            continue
        told = _told(program)
        ours = {spelling for spelling in spec.options if spelling.startswith("--")}
        if len(told) < 3 or spec.subcommands:
            continue
        asked += 1
        listed += len(told)
        known_in_help += len(told & ours)
        missing = sorted(told - ours)
        if missing:
            print(f"{name:<16} not in the catalogue: {' '.join(missing)}")
    share = known_in_help / max(listed, 1)
    print(f"{asked} programs, {listed} long options in their help, {share:.1%} of them in the catalogue")
    return 0 if share >= 0.9 else 1


def _told(program: str) -> set[str]:
    with tempfile.TemporaryDirectory() as directory:
        try:
            run = subprocess.run(
                [program, "--help"],
                cwd=directory,
                env={"PATH": "/usr/bin:/bin", "HOME": directory, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=2,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return set()
    return set(_LONG.findall((run.stdout + run.stderr).decode(errors="replace")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
