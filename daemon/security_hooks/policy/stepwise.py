"""Work that is done in small steps, so that a loop can breathe between, done at once."""

from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")


def at_once(steps: Generator[None, None, Result]) -> Result:
    """All steps one after the other, for whoever has no loop to keep responsive; gives what they come to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
