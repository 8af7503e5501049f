"""`sed` with plain patterns: texts replaced, characters translated, lines chosen by number."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from security_hooks.shell.flags import read_flags
from security_hooks.shell.lines import lines_of
from security_hooks.shell.printed import MOST_BYTES, Printed

_LINES = re.compile(r"([0-9]{1,6}|\$)(?:,([0-9]{1,6}|\$))?([pdq])")
_PLAIN = re.compile(r"[A-Za-z0-9 _/:;,@%=<>~'\"!#-]*")
# Special in a pattern, but not in what replaces it.
_ALSO_PLAIN = str.maketrans("", "", ".$*|()[]{}+?^")
_MOST_COMMANDS = 8
_LAST = 1 << 30


class _Replace(NamedTuple):
    """`s/pattern/text/`: the pattern plain, perhaps held to the beginning or the end of the line."""

    pattern: str
    text: str
    begins: bool
    ends: bool
    everywhere: bool
    nth: int


class _Choose(NamedTuple):
    """`3,5p`."""

    low: int
    high: int
    verb: str


_Command = _Replace | _Choose | dict[int, int]


def sed_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`sed`."""
    flags = read_flags(arguments, bare="nEr", valued="e", long="n=quiet e=expression E=regexp-extended")
    if flags is None or not given.isascii() or b"\0" in given:
        return None
    scripts = flags.values.get("e") or flags.operands[:1]
    files = flags.operands if flags.has("e") else flags.operands[1:]
    if not scripts or files not in ([], ["/dev/stdin"]):
        return None
    commands: list[_Command] = []
    for script in scripts:
        read = _read(script)
        if read is None or len(commands) + len(read) > _MOST_COMMANDS:
            return None
        commands += read
    lines = lines_of(given)
    out: list[str] = []
    size = 0
    ends = True
    for number, line in enumerate(lines, 1):
        edited = _edited(line.removesuffix(b"\n").decode(), number, len(lines), commands, flags.has("n"))
        if edited is None or (not edited[1] and not line.endswith(b"\n")):
            return None
        rows, goes_on = edited
        out += rows
        size += sum(map(len, rows))
        ends = not rows or line.endswith(b"\n")
        if size > MOST_BYTES:
            return None
        if not goes_on:
            break
    # Whether a newline is added to a last line that has none is not the same everywhere.
    text = "".join([row + "\n" for row in out])
    return Printed((text if ends else text.removesuffix("\n")).encode(), sure=ends)


def _edited(
    line: str, number: int, last: int, commands: Sequence[_Command], is_quiet: bool
) -> tuple[list[str], bool] | None:
    """What one line prints, and whether the next is read; None where it grows too long."""
    rows: list[str] = []
    for command in commands:
        if isinstance(command, _Replace):
            if len(line) + line.count(command.pattern) * len(command.text) > MOST_BYTES:
                return None
            line = _replaced(line, command)
        elif isinstance(command, dict):
            line = line.translate(command)
        else:
            low = last if command.low == _LAST else command.low
            high = last if command.high == _LAST else command.high
            # Where the second address is not behind the first, one line is meant.
            if not low <= number <= max(low, high):
                continue
            if command.verb == "d":
                return rows, True
            if command.verb == "q":
                return [*rows, *([] if is_quiet else [line])], False
            rows.append(line)
    return [*rows, *([] if is_quiet else [line])], True


def _replaced(line: str, command: _Replace) -> str:
    pattern, text = command.pattern, command.text
    if command.begins or command.ends:
        if command.begins and command.ends:
            return text if line == pattern else line
        if command.begins:
            return text + line[len(pattern) :] if line.startswith(pattern) else line
        return line[: len(line) - len(pattern)] + text if line.endswith(pattern) else line
    if command.everywhere:
        return line.replace(pattern, text)
    position = -len(pattern)
    for _ in range(command.nth):
        position = line.find(pattern, position + len(pattern))
        if position < 0:
            return line
    return line[:position] + text + line[position + len(pattern) :]


def _read(script: str) -> list[_Command] | None:
    """The commands of one script; None where one is anything but plain."""
    commands: list[_Command] = []
    pos, size = 0, len(script)
    while True:
        while pos < size and script[pos] in " ;\n":
            pos += 1
        if pos >= size:
            return commands or None
        if len(commands) >= _MOST_COMMANDS:
            return None
        lines = _LINES.match(script, pos)
        command: _Command | None = None
        if lines:
            pos = lines.end()
            low = _LAST if lines[1] == "$" else int(lines[1])
            high = low if lines[2] is None else _LAST if lines[2] == "$" else int(lines[2])
            if low > 0 and (lines[3] != "q" or lines[2] is None):
                command = _Choose(low, high, lines[3])
        elif script[pos] in "sy":
            command, pos = _read_two(script, pos)
        if command is None or (pos < size and script[pos] not in " ;\n"):
            return None
        commands.append(command)


def _read_two(script: str, pos: int) -> tuple[_Command | None, int]:
    """`s/a/b/g` or `y/a/b/`."""
    delimiter = script[pos + 1 : pos + 2]
    if not delimiter or delimiter.isalnum() or delimiter in "\\\n ^$.*[" or not delimiter.isascii():
        return None, pos
    middle = script.find(delimiter, pos + 2)
    end = script.find(delimiter, middle + 1) if middle >= 0 else -1
    if end < 0:
        return None, pos
    one, other = script[pos + 2 : middle], script[middle + 1 : end]
    if script[pos] == "y":
        known = _PLAIN.fullmatch(one) and _PLAIN.fullmatch(other) and len(one) == len(other) == len(set(one))
        return (str.maketrans(one, other) if known else None), end + 1
    stop = end + 1
    while stop < len(script) and script[stop].isalnum():
        stop += 1
    flags = script[end + 1 : stop]
    begins, ends = one.startswith("^"), one.endswith("$")
    pattern = one[begins : len(one) - ends]
    is_count = flags.isdigit() and flags.isascii() and 0 < int(flags[:4]) < 1000 and len(flags) < 4
    if not one or not _PLAIN.fullmatch(pattern) or not _PLAIN.fullmatch(other.translate(_ALSO_PLAIN)):
        return None, pos
    if flags not in ("", "g") and not (is_count and not begins and not ends):
        return None, pos
    return _Replace(pattern, other, begins, ends, flags == "g", int(flags) if is_count else 1), stop
