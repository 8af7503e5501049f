"""The first line of a script: which language it asks for."""

import re
from collections.abc import Mapping
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {
    "sh": "shell",
    "bash": "shell",
    "dash": "shell",
    "ash": "shell",
    "zsh": "shell",
    "ksh": "shell",
    "mksh": "shell",
    "fish": "shell",
    "python": "python",
    "pypy": "python",
    "ipython": "python",
    "node": "javascript",
    "nodejs": "javascript",
    "bun": "javascript",
    "deno": "javascript",
    "tsx": "javascript",
    "ts-node": "javascript",
    "perl": "perl",
    "ruby": "ruby",
    "php": "php",
    "lua": "lua",
    "luajit": "lua",
    "Rscript": "r",
    "awk": "awk",
    "gawk": "awk",
    "mawk": "awk",
    "sed": "sed",
    "make": "make",
    "tclsh": "tcl",
    "wish": "tcl",
    "expect": "tcl",
    "osascript": "applescript",
    "pwsh": "powershell",
    "groovy": "java",
    "scala": "java",
    "jshell": "java",
}
_VERSION = re.compile(r"[\d.]+$")


def language_of_shebang(line: str) -> str | None:
    """The language of a script that begins with this line; None for no `#!` or one that is not known."""
    if not line.startswith("#!"):
        return None
    words = line[2:256].partition("\n")[0].split()
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if words and words[0].rpartition("/")[2] in ("uv", "pipx"):
        # `uv run --script`.
        return "python"
    if not words:
        return None
    program = words[0].rpartition("/")[2]
    return LANGUAGES.get(program) or LANGUAGES.get(_VERSION.sub("", program))
