"""The catalogue's globs: several of them, asked at once about one text."""

import re
from fnmatch import translate
from functools import lru_cache

# More than the shipped catalogue has.
_MOST_KEPT = 8192


def fits_any(text: str, globs: tuple[str, ...]) -> bool:
    """Whether the whole text fits one of the globs, letters compared as they are."""
    return _compiled(globs).match(text) is not None


@lru_cache(_MOST_KEPT)
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all of them, made when it is first asked for: most commands never are."""
    return re.compile("|".join(map(translate, globs)) or r"(?!)")
