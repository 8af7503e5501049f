"""`read` and `mapfile`: variables set from a text that is known."""

import re

from security_hooks.model.shell import Assignment
from security_hooks.shell.assigning import assign_array, assign_value
from security_hooks.shell.options import Reading
from security_hooks.shell.state import UNSET, State, Value, literal

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_BLANKS = " \t\n"
_MOST_LINES = 256


def read_names(reading: Reading) -> list[str]:
    """All names in what a builtin was given."""
    words = [*reading.operands, *(value for _, value, _ in reading.values)]
    return [name for word in words for name in _NAME.findall(word.literal or "")]


def read_line(state: State, reading: Reading, text: str | None, assignments: tuple[Assignment, ...]) -> bool:
    """`read` from this text. False where what it does is not known; then nothing was done."""
    names = [word.literal or "" for word in reading.operands]
    if text is None or not reading.known or reading.options - {"-r", "-a", "-s", "-p"} or not text.isascii():
        return False
    line = text.partition("\n")[0]
    if ("\\" in line and "-r" not in reading.options) or "\0" in line:
        return False
    separators = _separators(state, assignments)
    array = next((value.literal for name, value, _ in reading.values if name == "-a"), None)
    if separators is None or not all(map(_NAME.fullmatch, names)) or ("-a" in reading.options and not array):
        return False
    if array is not None:
        if not _NAME.fullmatch(array):
            return False
        values = fields_of(line, separators, 0)
        assign_array(state, array, [((), (value,) if value else (), False) for value in values], append=False)
        return True
    if not names:
        state.assign("REPLY", (line,) if line else ())
        return True
    values = fields_of(line, separators, len(names))
    for number, name in enumerate(names):
        value = values[number] if number < len(values) else ""
        assign_value(state, name, (value,) if value else ())
    return True


def read_lines(state: State, reading: Reading, text: str | None) -> bool:
    """`mapfile` from this text. False where what it does is not known; then nothing was done."""
    names = [word.literal or "" for word in reading.operands]
    if text is None or not reading.known or reading.options - {"-t"} or len(names) > 1:
        return False
    if not all(map(_NAME.fullmatch, names)):
        return False
    lines = text.splitlines(keepends=True) if text.isascii() else text.split("\n")
    if not text.isascii() or len(lines) > _MOST_LINES or re.search(r"[\r\v\f\x1c-\x1e]", text):
        return False
    if "-t" in reading.options:
        lines = [line.removesuffix("\n") for line in lines]
    values: list[Value] = [(line,) if line else () for line in lines]
    assign_array(state, names[0] if names else "MAPFILE", [((), value, False) for value in values], append=False)
    return True


def fields_of(line: str, separators: str, most: int) -> list[str]:
    """The fields of one line, at most so many (0: all); the last one takes the rest."""
    blanks = "".join([char for char in separators if char in _BLANKS])
    fields: list[str] = []
    rest = line.lstrip(blanks) if blanks else line
    if not separators:
        return [rest] if rest else []
    blank = f"[{re.escape(blanks)}]*" if blanks else ""
    others = "".join([char for char in separators if char not in _BLANKS])
    ends = [f"{blank}[{re.escape(others)}]{blank}"] if others else []
    ends += [f"[{re.escape(blanks)}]+"] if blanks else []
    end = re.compile("|".join(ends))
    while rest:
        if most and len(fields) == most - 1:
            fields.append(_last(rest, blanks, end))
            break
        found = end.search(rest)
        if found is None:
            fields.append(rest)
            break
        fields.append(rest[: found.start()])
        rest = rest[found.end() :]
    return fields


def _last(rest: str, blanks: str, end: re.Pattern[str]) -> str:
    """What the last name takes: the rest without blanks at its end, and without what ends its only field."""
    stripped = rest.rstrip(blanks) if blanks else rest
    found = end.search(stripped)
    if found is not None and found.end() == len(stripped) and found.start() < found.end():
        return stripped[: found.start()]
    return stripped


def _separators(state: State, assignments: tuple[Assignment, ...]) -> str | None:
    for assignment in reversed(assignments):
        if assignment.name == "IFS":
            return None if assignment.append else literal(assignment.value.parts)
    if state.variable("IFS") is UNSET:
        return _BLANKS
    text = literal(state.value("IFS"))
    return text if text is None or text.isascii() else None
