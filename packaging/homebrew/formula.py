"""Fills in the Homebrew recipe for a source archive: `dist/security-hooks.rb`, with the archive's address and digest.

Usage: formula.py ARCHIVE [URL]; without URL the recipe names the file, which is enough to try it.
"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
RECIPE = "security-hooks.rb"
USAGE = 64


def filled(recipe: str, archive: bytes, url: str) -> str:
    """The recipe for an archive that can be had at `url`."""
    return recipe.replace("SDIST_URL", url).replace("SDIST_SHA256", hashlib.sha256(archive).hexdigest())


def main(words: list[str]) -> int:
    """Write the recipe beside the archive and say where it is."""
    if len(words) not in {1, 2}:
        print("usage: formula.py ARCHIVE [URL]", file=sys.stderr)
        return USAGE
    archive = Path(words[0]).absolute()
    url = words[1] if len(words) > 1 else archive.as_uri()
    out = archive.with_name(RECIPE)
    out.write_text(filled((HERE / RECIPE).read_text(), archive.read_bytes(), url))
    print(f"{out}: for {url}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
