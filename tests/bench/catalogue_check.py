"""Measure how many command lines the catalogue reads without meeting an option that it does not list.

Arguments: a file of JSON lines (`input.command` each), then names of catalogue files to look at (none: all). Prints the
share by catalogue file, and the unknown options with the lines in which they stand.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from security_hooks.catalogue.entry import Catalogue
from security_hooks.catalogue.load import load, shipped_files
from security_hooks.model.event import Place
from security_hooks.model.shell import Command
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits
from security_hooks.shell.options import subcommand

PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
MOST_SHOWN = 400


def main(corpus: Path, *families: str) -> int:
    """Print the report."""
    files = shipped_files()
    catalogue = load(files)
    family_of = {name: file for file, content in files.items() for name in load({file: content}).commands}
    read: Counter[str] = Counter()
    strange: Counter[str] = Counter()
    shown = []
    for line in corpus.read_bytes().splitlines():
        text = json.loads(line).get("input", {}).get("command")
        if not text:
            continue
        for command in read_script(text, PLACE, catalogue, ShellLimits()).commands:
            family = family_of.get(command.program or "")
            if family is None or (families and family not in families):
                continue
            read[family] += 1
            unknown = _unknown(command, catalogue)
            if unknown:
                strange[family] += 1
                shown.append(
                    f"{family:<18} {command.program} {' '.join(command.subcommands)}: {' '.join(unknown)}   | {text}"
                )
    for text in sorted(shown)[: MOST_SHOWN if families else 0]:
        print(text)
    for family in sorted(read):
        share = 1 - strange[family] / read[family]
        print(f"{family:<20} {read[family]:>6} commands, {share:.1%} without an unknown option")
    total, bad = sum(read.values()), sum(strange.values())
    print(f"{'all':<20} {total:>6} commands, {1 - bad / max(total, 1):.1%} without an unknown option")
    commands = {id(spec) for spec in catalogue.commands.values()}
    print(f"{len(commands)} commands, {_count(catalogue)} with their subcommands")
    return 0


def _unknown(command: Command, catalogue: Catalogue) -> list[str]:
    spec = catalogue.commands[command.program or ""]
    known = set(spec.options)
    for name in command.subcommands:
        below = subcommand(spec, name)
        if below is None:
            return [f"subcommand {name}"] if spec.subcommands else []
        spec = below
        known |= set(spec.options)
    unknown = command.options - known
    return [] if spec.others is not None else sorted(unknown)


def _count(catalogue: Catalogue) -> int:
    specs = list({id(spec): spec for spec in catalogue.commands.values()}.values())
    count = 0
    while specs:
        spec = specs.pop()
        count += 1
        specs += {id(sub): sub for sub in spec.subcommands.values()}.values()
    return count


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
