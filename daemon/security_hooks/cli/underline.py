"""A text with places of it underlined, for a person."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from security_hooks.cli.visible import visible

WIDEST = 160
BEFORE = 40
MOST_LINES = 20


def place_of(text: str, at: int) -> tuple[int, int]:
    """Line and column of a place, both counted from 1."""
    start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at) + 1, at - start + 1


def underlined(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    """Each line that a span touches, numbered, with marks below; long lines are cut around the first mark."""
    lines = text.split("\n")
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    marked: dict[int, set[int]] = {}
    for start, end in spans:
        number = bisect_right(starts, start) - 1
        while number < len(lines) and starts[number] < end:
            first = max(start - starts[number], 0)
            marked.setdefault(number, set()).update(range(first, min(end - starts[number], len(lines[number]))))
            number += 1
    shown = [number for number in sorted(marked) if marked[number]]
    width = len(str(shown[-1] + 1)) if shown else 0
    for number in shown[:MOST_LINES]:
        line, marks = _window(lines[number], marked[number])
        yield f"{number + 1:>{width}} | {line}"
        yield f"{'':>{width}} | {marks}"
    if len(shown) > MOST_LINES:
        yield f"and {len(shown) - MOST_LINES} lines more"


def _window(line: str, marked: set[int]) -> tuple[str, str]:
    first = max(min(marked) - BEFORE, 0) if len(line) > WIDEST else 0
    kept = range(first, min(first + WIDEST, len(line)))
    # Escaped one by one, so that the marks stand below what they mean.
    pieces = [visible(line[at]) for at in kept]
    marks = "".join(("^" if at in marked else " ") * len(piece) for at, piece in zip(kept, pieces, strict=True))
    before, after = "..." if first else "", "..." if kept.stop < len(line) else ""
    return f"{before}{''.join(pieces)}{after}", f"{' ' * len(before)}{marks.rstrip()}"
