"""Lists in `config.toml` what the command catalogue knows and no other line of `executables.allowed` names.

Takes the file as it is and writes it again; what people wrote stays as it stands. Names that the catalogue does not
know are printed: whatever such a program does would be allowed unread.
"""

import re
import textwrap
import tomllib
from pathlib import Path

from security_hooks.catalogue.load import load, shipped_files

CONFIG = Path(__file__).parents[1] / "config.toml"
MARK = "  # Known from the command catalogue alone; written by .ci/allowed"
_SECTION = re.compile(rf"{re.escape(MARK)}\n(?:  \".*\n)*")


def listed(text: str) -> str:
    """The text of `config.toml` with that part of the list written anew."""
    rest = _SECTION.sub("", text)
    allowed = set(tomllib.loads(rest)["executables"]["allowed"])
    catalogue = load(shipped_files())
    # What the shell itself answers to is known without standing there.
    missing = sorted(set(catalogue.commands) - catalogue.builtins - allowed)
    if not missing:
        return rest
    words = ", ".join(f'"{name}"' for name in missing) + ","
    lines = textwrap.wrap(words, 118, break_long_words=False, break_on_hyphens=False)
    section = "\n".join([MARK, *(f"  {line}" for line in lines), ""])
    start = rest.index("\nallowed = [\n", rest.index("\n[executables]\n"))
    end = rest.index("\n]\n", start) + 1
    return rest[:end] + section + rest[end:]


def unread(text: str) -> list[str]:
    """The names in the list that have no entry in the catalogue; our own programs are judged by rules of their own."""
    catalogue = load(shipped_files())
    allowed = tomllib.loads(text)["executables"]["allowed"]
    known = {*catalogue.commands, *catalogue.builtins, "security-hooks", "security-hooks-shim"}
    return sorted(name for name in allowed if name not in known)


if __name__ == "__main__":
    CONFIG.write_text(listed(CONFIG.read_text()))
    for name in unread(CONFIG.read_text()):
        print(f"warning: `{name}` is in `executables.allowed` and has no entry in the catalogue")
