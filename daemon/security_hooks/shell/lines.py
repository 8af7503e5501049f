"""Filters that choose, order and turn round lines: `head`, `tail`, `rev`, `tac`, `sort`, `uniq`, `paste`."""

import re
from collections.abc import Sequence

from security_hooks.shell.flags import count_of, read_flags
from security_hooks.shell.printed import Printed

_SHORT_COUNT = re.compile(r"-([0-9]{1,9})")
_LEADING = re.compile(rb" *(-?[0-9]{1,15})(?![0-9.,])")
_DIGITS = re.compile(rb"[0-9]+")
_TEN = 10


def head_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`head`; of an endless input, only what surely was printed."""
    flags = read_flags(_long_count(arguments), bare="q", valued="nc", long="n=lines c=bytes")
    if flags is None or not flags.reads_stdin or (flags.has("n") and flags.has("c")):
        return None
    if flags.has("c"):
        count = count_of(flags.one("c"))
        return None if count is None else Printed(given[:count])
    count = count_of(flags.one("n")) if flags.has("n") else _TEN
    return None if count is None else Printed(b"".join(lines_of(given)[:count]))


def tail_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`tail`, by count from either end."""
    flags = read_flags(_long_count(arguments), bare="q", valued="nc", long="n=lines c=bytes")
    if flags is None or not flags.reads_stdin or (flags.has("n") and flags.has("c")):
        return None
    text = (flags.one("c") if flags.has("c") else flags.one("n")) if flags.values else str(_TEN)
    if flags.has("q") and len(flags.values) == 1:
        text = str(_TEN)
    if text is None:
        return None
    from_start = text.startswith("+")
    count = count_of(text[1:] if text[:1] in ("+", "-") else text)
    if count is None:
        return None
    pieces = lines_of(given)
    size = len(given) if flags.has("c") else len(pieces)
    start = max(count - 1 if from_start else size - count, 0)
    return Printed(given[start:] if flags.has("c") else b"".join(pieces[start:]))


def rev_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`rev`."""
    if list(arguments) not in ([], ["/dev/stdin"], ["--"]) or not given.isascii() or b"\0" in given:
        return None
    turned = b"\n".join([line[::-1] for line in given.split(b"\n")])
    # Whether a newline is added to a last line that has none is not the same everywhere.
    return Printed(turned, sure=given.endswith(b"\n") or not given)


def tac_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`tac`."""
    flags = read_flags(arguments)
    if flags is None or not flags.reads_stdin:
        return None
    return Printed(b"".join(reversed(lines_of(given))))


def sort_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`sort`, where the order is the same in every locale: numbers."""
    flags = read_flags(arguments, bare="nru", long="n=numeric-sort r=reverse u=unique")
    if flags is None or not flags.reads_stdin or b"\0" in given:
        return None
    lines = [line.removesuffix(b"\n") for line in lines_of(given)]
    backwards = flags.has("r")
    if all(_DIGITS.fullmatch(line) and len(line) < 16 for line in lines):
        if flags.has("u"):
            lines = list(dict.fromkeys(lines))
        if not flags.has("n"):
            ordered = sorted(lines, reverse=backwards)
        elif flags.has("u") and len({int(line) for line in lines}) < len(lines):
            return None
        else:
            ordered = sorted(lines, key=lambda line: (int(line), line), reverse=backwards)
    else:
        found = [_LEADING.match(line) for line in lines]
        keys = [int(match[1]) for match in found if match is not None]
        if len(lines) > 1 and (not flags.has("n") or len(set(keys)) < len(lines)):
            return None
        ordered = [line for _, line in sorted(zip(keys, lines, strict=True), reverse=backwards)] if keys else lines
    return Printed(b"".join([line + b"\n" for line in ordered]))


def uniq_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`uniq`, `uniq -d`, `uniq -u`."""
    flags = read_flags(arguments, bare="du")
    if flags is None or not flags.reads_stdin or len(flags.values) > 1 or not given.isascii() or b"\0" in given:
        return None
    rows: list[tuple[bytes, int]] = []
    for line in lines_of(given):
        text = line.removesuffix(b"\n")
        if rows and rows[-1][0] == text:
            rows[-1] = (text, rows[-1][1] + 1)
        else:
            rows.append((text, 1))
    chosen = [row for row, n in rows if (n > 1 or not flags.has("d")) and (n == 1 or not flags.has("u"))]
    return Printed(b"".join([row + b"\n" for row in chosen]), sure=given.endswith(b"\n") or not given)


def paste_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`paste -s`, with one character between the lines or none."""
    flags = read_flags(arguments, bare="s", valued="d", long="s=serial d=delimiters")
    if flags is None or not flags.has("s") or not flags.reads_stdin:
        return None
    delimiter = flags.one("d") if flags.has("d") else "\t"
    if delimiter is None or not delimiter.isascii():
        return None
    delimiter = {"\\0": "", "\\n": "\n", "\\t": "\t"}.get(delimiter, delimiter)
    if len(delimiter) > 1 or delimiter == "\\":
        return None
    # Without a delimiter, and without input, not every system does the same.
    sure = bool(given) and (delimiter != "" or "" not in flags.values.get("d", ()))
    joined = delimiter.encode().join([line.removesuffix(b"\n") for line in lines_of(given)])
    return Printed(joined + b"\n", sure=sure)


def lines_of(given: bytes) -> list[bytes]:
    """The lines, each with its newline if it has one."""
    lines = [line + b"\n" for line in given.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _long_count(arguments: Sequence[str]) -> list[str]:
    """`-5` as `-n 5`."""
    found = _SHORT_COUNT.fullmatch(arguments[0]) if arguments else None
    return ["-n", found[1], *arguments[1:]] if found else list(arguments)
