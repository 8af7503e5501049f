"""Filters that take parts out of lines: `cut`, `awk '{print $1}'`, `grep` for a plain text."""

import re
from collections.abc import Sequence

from security_hooks.shell.flags import read_flags
from security_hooks.shell.lines import lines_of
from security_hooks.shell.printed import Printed

_RANGE = re.compile(r"([0-9]{0,6})(-?)([0-9]{0,6})")
_MOST_RANGES = 16
_MOST_ITEMS = 16
_PRINT = re.compile(r"\s*(?:NR\s*==\s*([0-9]{1,6})\s*)?\{\s*print\s*([^{};\n]*?)\s*;?\s*\}\s*")
_ITEM = re.compile(r"""\s*(?:\$([0-9]{1,4}|NF)|"([^"\\\n]*)")\s*(,?)""")
_BLANKS = re.compile(rb"[ \t\n]+")
# Nothing in these is special, to any reader of patterns.
_PLAIN_PATTERN = re.compile(r"[A-Za-z0-9 _/:;,@%=<>~'\"&!-]+")


def cut_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`cut`, by characters or by fields."""
    flags = read_flags(arguments, bare="s", valued="bcdf", long="b=bytes c=characters d=delimiter f=fields")
    if flags is None or not flags.reads_stdin or sum(map(flags.has, "bcf")) != 1:
        return None
    by_field = flags.has("f")
    chosen = _ranges(flags.one("f" if by_field else "c" if flags.has("c") else "b") or "")
    delimiter = flags.one("d") if flags.has("d") else "\t"
    if chosen is None or delimiter is None or len(delimiter) != 1 or not delimiter.isascii():
        return None
    if not given.isascii() or (not by_field and (flags.has("d") or flags.has("s"))):
        return None
    between = delimiter.encode()
    out: list[bytes] = []
    for line in lines_of(given):
        text = line.removesuffix(b"\n")
        if not by_field:
            out.append(b"".join([text[low - 1 : high] for low, high in chosen]))
        elif between in text:
            fields = text.split(between)
            out.append(between.join([field for low, high in chosen for field in fields[low - 1 : high]]))
        elif not flags.has("s"):
            out.append(text)
    return Printed(b"".join([line + b"\n" for line in out]))


def _ranges(text: str) -> list[tuple[int, int]] | None:
    """What to take, in order and without overlaps."""
    ranges: list[tuple[int, int]] = []
    specs = text.split(",")
    for spec in specs:
        found = _RANGE.fullmatch(spec)
        if found is None or not (found[1] or found[3]) or len(specs) > _MOST_RANGES:
            return None
        low = int(found[1] or 1)
        high = (int(found[3]) if found[3] else 1 << 30) if found[2] else low
        if low < 1 or high < low:
            return None
        ranges.append((low, high))
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def awk_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`awk` that prints fields and plain texts, of every line or of one."""
    flags = read_flags(arguments, valued="F")
    if flags is None or len(flags.operands) != 1 or not given.isascii() or b"\0" in given:
        return None
    found = _PRINT.fullmatch(flags.operands[0])
    items = _items(found[2]) if found is not None else None
    separator = flags.one("F") if flags.has("F") else " "
    if found is None or items is None or not separator or not (separator == " " or _is_plain_separator(separator)):
        return None
    rows: list[bytes] = []
    for number, line in enumerate(lines_of(given), 1):
        text = line.removesuffix(b"\n")
        if found[1] and int(found[1]) != number:
            continue
        if separator == " ":
            fields = [field for field in _BLANKS.split(text) if field]
        else:
            fields = text.split(separator.encode()) if text else []
        row = b""
        for index, literal in items:
            if index is None:
                row += literal
            elif index == 0:
                row += text
            else:
                position = len(fields) if index < 0 else index
                if position == 0:
                    row += text
                elif position <= len(fields):
                    row += fields[position - 1]
        rows.append(row + b"\n")
    return Printed(b"".join(rows))


def _is_plain_separator(separator: str) -> bool:
    return len(separator) == 1 and separator != "t" and _PLAIN_PATTERN.fullmatch(separator) is not None


def _items(text: str) -> list[tuple[int | None, bytes]] | None:
    """What `print` is given: fields by number (0 the whole line, negative the last one), or texts."""
    if not text:
        return [(0, b"")]
    items: list[tuple[int | None, bytes]] = []
    pos = 0
    comma = True
    while pos < len(text):
        found = _ITEM.match(text, pos)
        if found is None or not (found[2] or "").isascii():
            return None
        if found[1] is not None:
            items.append((-1 if found[1] == "NF" else int(found[1]), b""))
        else:
            items.append((None, (found[2] or "").encode()))
        comma = bool(found[3])
        if comma:
            items.append((None, b" "))
        pos = found.end()
    return None if comma or len(items) > _MOST_ITEMS else items


def grep_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`grep` for a text in which nothing is special."""
    flags = read_flags(arguments, bare="FEvxo", valued="e", long="F=fixed-strings v=invert-match x=line-regexp")
    if flags is None or not given.isascii() or b"\0" in given or (flags.has("o") and flags.has("v")):
        return None
    pattern = flags.one("e") if flags.has("e") else (flags.operands[0] if flags.operands else None)
    files = flags.operands if flags.has("e") else flags.operands[1:]
    if pattern is None or files not in ([], ["-"]) or not _PLAIN_PATTERN.fullmatch(pattern):
        return None
    sought, whole = pattern.encode(), flags.has("x")
    rows: list[bytes] = []
    for line in lines_of(given):
        text = line.removesuffix(b"\n")
        if ((text == sought) if whole else (sought in text)) == flags.has("v"):
            continue
        rows += [sought] * text.count(sought) if flags.has("o") else [text]
    return Printed(b"".join([row + b"\n" for row in rows]))
