"""The installation that brings its own interpreter: the unpacked tarball, or a package made of it."""

import sys
from pathlib import Path


def bundle_directory() -> Path | None:
    """The directory of that installation, if it is the one that runs; None for one made by pip."""
    return Path(sys.executable).parent if getattr(sys, "frozen", False) else None


def reinstall() -> str:
    """What mends this installation where a part of it is missing or foreign."""
    directory = bundle_directory()
    if directory is None:
        return "pip install --force-reinstall security-hooks"
    return f"unpack the tarball over {directory} again, or reinstall the package"
