"""Lengths of time as people write them: `90s`, `10m`, `2h`, `1d`."""

import re

LONGEST = 86_400
_WRITTEN = re.compile(r"([0-9]{1,6})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": LONGEST}


def seconds_of(text: str) -> int | None:
    """The length in seconds, from one second to a day; None where the text is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    seconds = int(found[1]) * SECONDS[found[2]]
    return seconds if 0 < seconds <= LONGEST else None
