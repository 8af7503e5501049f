"""Where here-documents end: bash's own rule, terminated or not. Only extents are found here, nothing is parsed."""

from collections.abc import Sequence

from security_hooks.shell.syntax import HereDoc


def take_bodies(text: str, pos: int, end: int, documents: Sequence[HereDoc], in_substitution: bool) -> int:
    """Give each document its extent, one after the other from `pos`, and return where the code goes on.

    In a substitution a line that begins with the delimiter and has a `)` later ends the document too, and the
    code goes on right after the delimiter, as in bash.
    """
    for document in documents:
        start = pos
        stop, pos = _find_end(text, pos, end, document, in_substitution)
        document.extent = (start, stop)
        document.last = pos
    return pos


def body_text(text: str, document: HereDoc) -> str:
    """The body as the command gets it, before expansion: leading tabs gone for `<<-`."""
    start, stop = document.extent
    body = text[start:stop]
    if document.strips_tabs and "\t" in body:
        return "".join(line.lstrip("\t") for line in body.splitlines(keepends=True))
    return body


def _find_end(text: str, pos: int, end: int, document: HereDoc, in_substitution: bool) -> tuple[int, int]:
    delimiter, size = document.delimiter, len(document.delimiter)
    while pos < end:
        line_start = pos
        stop = text.find("\n", pos, end)
        stop = end if stop < 0 else stop
        first = pos
        if document.strips_tabs:
            while first < stop and text[first] == "\t":
                first += 1
        if document.expands and stop < end and _is_continued(text, first, stop):
            line, stop = _joined(text, first, stop, end)
            if line == delimiter:
                return line_start, min(stop + 1, end)
        elif stop - first == size and text.startswith(delimiter, first):
            return line_start, min(stop + 1, end)
        elif in_substitution and text.startswith(delimiter, first) and text.find(")", first + size, stop) >= 0:
            return line_start, first + size
        pos = stop + 1
    return end, end


def _is_continued(text: str, start: int, stop: int) -> bool:
    slashes = stop
    while slashes > start and text[slashes - 1] == "\\":
        slashes -= 1
    return (stop - slashes) % 2 == 1


def _joined(text: str, start: int, stop: int, end: int) -> tuple[str, int]:
    """The line with its continuations, which an unquoted delimiter lets bash join before it compares."""
    pieces: list[str] = []
    while stop < end and _is_continued(text, start, stop):
        pieces.append(text[start : stop - 1])
        start = stop + 1
        found = text.find("\n", start, end)
        stop = end if found < 0 else found
    pieces.append(text[start:stop])
    return "".join(pieces), stop
