"""The values of secret environment variables, which the log must never hold."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase


def secret_values(environment: Mapping[str, str], globs: Iterable[str]) -> dict[str, str]:
    """The variables whose names match one of the globs, with their values."""
    patterns = tuple(globs)
    return {
        name: value for name, value in environment.items() if any(fnmatchcase(name, pattern) for pattern in patterns)
    }
