"""Recursion on the heap: a step is a generator that yields the steps it needs and gets their results back.

Shell text nests as deep as its writer likes, so nothing that follows its nesting may use Python's own stack.
"""

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, Any, T]


def run(step: Steps[T]) -> T:
    """Run a step and all it yields; the nesting costs heap, never stack."""
    waiting: list[Steps[Any]] = []
    current: Steps[Any] = step
    value: Any = None
    while True:
        try:
            child = current.send(value)
        except StopIteration as stop:
            value = stop.value
            if not waiting:
                return value  # type: ignore[no-any-return]  # the outermost step's own result
            current = waiting.pop()
        else:
            waiting.append(current)
            current = child
            value = None
