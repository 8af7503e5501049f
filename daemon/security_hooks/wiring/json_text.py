"""JSON text, with or without comments, as a tree that knows where each value stands, so that it can be edited in place.

Strict where clients are: the same key twice, a byte order mark and a trailing comma are errors with their place.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from security_hooks.model.record import Json

DEPTH = 64

_BLANKS = re.compile(r"[ \t\r\n]*")
_COMMENTS = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"true\b|false\b|null\b|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-])")


class TextError(Exception):
    """The text cannot be used: why, and at which offset."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


@dataclass(frozen=True, slots=True)
class Child:
    """A member of an object (`key`) or an element of an array; from `start`, its key's, to its value's end."""

    start: int
    key: str | None
    node: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """A value at `text[start:end]`; `value` is what it says, `children` what an object or an array holds."""

    start: int
    end: int
    value: Json
    children: tuple[Child, ...] = ()

    def member(self, key: str) -> "Node | None":
        """The value of a key; None without it, or where this is no object."""
        return next((child.node for child in self.children if child.key == key), None)

    def items(self) -> Iterator["Node"]:
        """The values of what is in it."""
        return (child.node for child in self.children)


def parse(text: str, *, comments: bool) -> Node:
    """The tree of a text; raises TextError."""
    if text.startswith("\ufeff"):
        raise TextError(0, "the file begins with a byte order mark")
    reading = _Reading(text, _COMMENTS if comments else _BLANKS)
    node = reading.value(reading.skip(0), 0)
    at = reading.skip(node.end)
    if at != len(text):
        raise TextError(at, "there is text after the value")
    return node


class _Reading:
    """One text being read, by recursive descent of bounded depth."""

    def __init__(self, text: str, gap: re.Pattern[str]) -> None:
        self._text = text
        self._gap = gap

    def skip(self, at: int) -> int:
        found = self._gap.match(self._text, at)
        return at if found is None else found.end()

    def value(self, at: int, depth: int) -> Node:
        if depth > DEPTH:
            raise TextError(at, f"nested deeper than {DEPTH}")
        opening = self._text[at : at + 1]
        if opening == "{":
            return self._object(at, depth)
        if opening == "[":
            return self._array(at, depth)
        if opening == '"':
            text, end = self._string(at)
            return Node(at, end, text)
        found = _SCALAR.match(self._text, at)
        if found is None:
            raise TextError(at, "a value was expected" if opening else "the text ends too early")
        try:
            return Node(at, found.end(), json.loads(found[0]))
        except ValueError:
            raise TextError(at, "a number with too many digits") from None

    def _string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self._text, at)
        if found is None:
            raise TextError(at, "a string was expected")
        try:
            text = json.loads(found[0])
        except ValueError:
            raise TextError(at, "a string with an escape that is none") from None
        return str(text), found.end()

    def _object(self, at: int, depth: int) -> Node:
        children: list[Child] = []
        value: dict[str, Json] = {}
        end = self.skip(at + 1)
        while self._text[end : end + 1] != "}" or children:
            start = end
            key, end = self._string(start)
            if key in value:
                raise TextError(start, f"the key {json.dumps(key[:80])} is there twice")
            end = self.skip(end)
            if self._text[end : end + 1] != ":":
                raise TextError(end, "`:` was expected")
            node = self.value(self.skip(end + 1), depth + 1)
            children.append(Child(start, key, node))
            value[key] = node.value
            end, is_last = self._next(node.end, "}")
            if is_last:
                break
        return Node(at, end + 1, value, tuple(children))

    def _array(self, at: int, depth: int) -> Node:
        children: list[Child] = []
        end = self.skip(at + 1)
        while self._text[end : end + 1] != "]" or children:
            node = self.value(end, depth + 1)
            children.append(Child(node.start, None, node))
            end, is_last = self._next(node.end, "]")
            if is_last:
                break
        return Node(at, end + 1, [child.node.value for child in children], tuple(children))

    def _next(self, end: int, closing: str) -> tuple[int, bool]:
        """Where the next child begins, or the bracket that closes is."""
        at = self.skip(end)
        found = self._text[at : at + 1]
        if found == closing:
            return at, True
        if found != ",":
            raise TextError(at, f"`,` or `{closing}` was expected")
        return self.skip(at + 1), False


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `instead`."""

    start: int
    end: int
    instead: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.instead + text[edit.end :]
    return text


def put_in(text: str, root: Node, container: Node, items: Sequence[tuple[str | None, Json]]) -> Edit:
    """Members or elements behind all others in an object or array, laid out as the file is."""
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = _indentation(text, root) if root.children else "  "
    line = text.rfind("\n", 0, container.start) + 1
    outer = re.match(r"[ \t]*", text[line : container.start])
    base = "" if outer is None else outer[0]
    inner = base + (unit or "  ")
    if container.children:
        inner = _indentation(text, container) or inner
    laid = [f"{newline}{inner}{_laid(key, value, unit or '  ', newline + inner)}" for key, value in items]
    if not container.children:
        inside = text[container.start + 1 : container.end - 1]
        kept = "" if not inside.strip() else inside.rstrip(" \t\r\n")
        return Edit(container.start + 1, container.end - 1, kept + ",".join(laid) + newline + base)
    last = container.children[-1].node.end
    is_open = "\n" in text[last : container.end]
    return Edit(last, last, "".join("," + item for item in laid) + ("" if is_open else newline + base))


def take_out(container: Node, gone: Sequence[bool]) -> list[Edit]:
    """Remove the children marked, not all of them, each with the comma that goes with it."""
    edits: list[Edit] = []
    kept: Child | None = None
    for index, child in enumerate(container.children):
        if not gone[index]:
            kept = child
        elif index and kept is not None:
            edits.append(Edit(container.children[index - 1].node.end, child.node.end, ""))
        else:
            edits.append(Edit(child.start, container.children[index + 1].start, ""))
    return edits


def _indentation(text: str, container: Node) -> str:
    """What stands before the first child on its line; empty where it shares the line with something."""
    first = container.children[0].start
    before = text[text.rfind("\n", 0, first) + 1 : first]
    return before if not before.strip() and before != text[:first] else ""


def _laid(key: str | None, value: Json, unit: str, newline: str) -> str:
    head = "" if key is None else f"{json.dumps(key)}: "
    return (head + json.dumps(value, indent=unit, ensure_ascii=True)).replace("\n", newline)
