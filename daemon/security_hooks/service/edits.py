"""Small changes of a script that might change its verdict: what may be left out, narrowed or filled in. Judges nothing.

One thing is changed at a time: a command, a pipe stage, an option, an operand or a redirection is dropped; a path, or
a part that is not known, becomes a path inside of the project.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import commonprefix

from security_hooks.model.shell import Command
from security_hooks.shell.parts import Part, PartKind

INSIDE = "./build"

_LONGEST_SEPARATOR = 64
# What goes with a part that is dropped: what joins it to the one before, else what stands between it and the next.
_JOINED_BY = {PartKind.COMMAND: re.compile(r"\s*(?:&&|\|\|)\s*\Z"), PartKind.STAGE: re.compile(r"\s*\|&?\s*\Z")}
_FOLLOWED_BY = {
    PartKind.COMMAND: re.compile(r"[ \t]*(?:&&|\|\||[;&])\s*"),
    PartKind.STAGE: re.compile(r"[ \t]*\|&?\s*"),
}
_BUNDLE = re.compile(r"-[A-Za-z]{2,6}")
_PATH = re.compile(r"[~$./\"'*]|.*[/*]")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Cut:
    """`text[start:end]` of a script becomes `instead`; `what` says so in words."""

    start: int
    end: int
    instead: str
    what: str


def applied(text: str, cuts: Sequence[Cut]) -> str:
    """The text with the cuts made; of two that overlap, the one that begins first."""
    pieces = []
    at = 0
    for cut in sorted(cuts, key=lambda cut: cut.start):
        if cut.start >= at:
            pieces += [text[at : cut.start], cut.instead]
            at = cut.end
    return "".join((*pieces, text[at:]))


def edits(text: str, parts: Sequence[Part], commands: Sequence[Command]) -> list[Cut]:
    """Every edit of a script that is worth a try, the smallest first."""
    names = {command.text: command.option_names for command in reversed(commands)}
    bundles = {
        part.command: names.get(text[part.start : part.end], frozenset()) for part in parts if part.kind in _JOINED_BY
    }
    cuts = {cut for part in parts for cut in _EDITS[part.kind](text, part, bundles)}
    return sorted(cuts, key=lambda cut: (_size(text, cut), cut.start, cut.instead, cut.what))


def _size(text: str, cut: Cut) -> int:
    """How many characters go and come."""
    gone = text[cut.start : cut.end]
    ahead = len(commonprefix((gone, cut.instead)))
    behind = len(commonprefix((gone[ahead:][::-1], cut.instead[ahead:][::-1])))
    return len(gone) + len(cut.instead) - 2 * (ahead + behind)


_Options = Mapping[int, frozenset[str]]


def _drop(text: str, part: Part, _: _Options) -> Iterator[Cut]:
    start, end = part.start, part.end
    joined = _JOINED_BY[part.kind].search(text[max(start - _LONGEST_SEPARATOR, 0) : start])
    if joined is not None:
        start -= len(joined[0])
    elif (followed := _FOLLOWED_BY[part.kind].match(text, end)) is not None:
        end = followed.end()
    yield Cut(start, end, "", f"drop the {part.kind.value}")


def _drop_word(text: str, part: Part, _: _Options) -> Iterator[Cut]:
    start = part.start
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    yield Cut(start, part.end, "", f"drop the {part.kind.value}")


def _drop_option(text: str, part: Part, options: _Options) -> Iterator[Cut]:
    yield from _drop_word(text, part, options)
    written = text[part.start : part.end]
    known = options.get(part.command, frozenset())
    # Letters come apart only where the catalogue reads each as an option of its own.
    if _BUNDLE.fullmatch(written) and all(f"-{letter}" in known for letter in written[1:]):
        for at in range(part.start + 1, part.end):
            yield Cut(at, at + 1, "", "drop one option of those joined")


def _narrow(text: str, part: Part, options: _Options) -> Iterator[Cut]:
    if part.spare:
        yield from _drop_word(text, part, options)
    written = text[part.start : part.end]
    if "://" in written or not _PATH.match(written) or any(blank in written for blank in " \t\n"):
        return
    name = written.strip("\"'").rstrip("/").rpartition("/")[2]
    inside = f"./{name}" if _NAME.fullmatch(name) else INSIDE
    if inside != written:
        yield Cut(part.start, part.end, inside, "take a path inside of the project")


def _fill(_text: str, part: Part, _: _Options) -> Iterator[Cut]:
    yield Cut(part.start, part.end, INSIDE, "put a path inside of the project where it is not known")


def _nothing(_text: str, _part: Part, _: _Options) -> Iterator[Cut]:
    return iter(())


_EDITS: dict[PartKind, Callable[[str, Part, _Options], Iterator[Cut]]] = {
    PartKind.COMMAND: _drop,
    PartKind.STAGE: _drop,
    PartKind.PROGRAM: _nothing,
    PartKind.ASSIGNMENT: _nothing,
    PartKind.OPTION: _drop_option,
    PartKind.OPERAND: _narrow,
    PartKind.WORD: _nothing,
    PartKind.REDIRECTION: _drop_word,
    PartKind.UNKNOWN: _fill,
}
