"""The patch format of Codex's `apply_patch`: text in, the files it touches and what it writes out. Never raises.

Read generously where the client does (blanks around a header, a here-document's frame around the whole), so that no
spelling hides a file; what does not belong into a patch makes it malformed, and then not everything is known.
"""

from dataclasses import dataclass

_BEGIN = "*** Begin Patch"
_END = "*** End Patch"
_END_OF_FILE = "*** End of File"
_ADD = "*** Add File: "
_DELETE = "*** Delete File: "
_UPDATE = "*** Update File: "
_MOVE = "*** Move to: "
_HEADERS = (_ADD, _DELETE, _UPDATE, _MOVE)

# What the client trims: white space by Unicode. Python's own `strip` takes four control characters more.
_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@dataclass(frozen=True, slots=True)
class Patch:
    """`paths` are all files named, as written, in order; `content` holds the added lines of each file that has some."""

    paths: tuple[str, ...]
    content: tuple[str, ...]
    malformed: bool


def read_patch(text: str) -> Patch:
    """Read one patch, as far as it goes."""
    lines, malformed = _framed(text.split("\n"))
    paths: dict[str, None] = {}
    content: list[str] = []
    added: list[str] = []
    section = ""
    for line in lines:
        header, path = _header(line)
        if header:
            if added:
                content.append("".join(added))
                added = []
            # A move belongs to an update; a header without a path names a file that we do not know.
            malformed |= not path or (header == _MOVE and section != _UPDATE)
            section = section if header == _MOVE else header
            paths[path] = None
        elif line.startswith("+"):
            malformed |= section not in (_ADD, _UPDATE)
            added.append(line[1:].removesuffix("\r") + "\n")
        else:
            malformed |= not _belongs(line, section)
    if added:
        content.append("".join(added))
    paths.pop("", None)
    return Patch(tuple(paths), tuple(content), malformed or not paths)


def _framed(lines: list[str]) -> tuple[list[str], bool]:
    """The lines between `Begin Patch` and `End Patch`, and whether there is more or less than that."""
    bare = [line.strip(_BLANKS) for line in lines]
    begin = bare.index(_BEGIN) if _BEGIN in bare else -1
    end = len(bare) - 1 - bare[::-1].index(_END) if _END in bare else len(bare)
    # A here-document's first and last line may stand around the patch.
    before = [line for line in bare[: max(begin, 0)] if line and not line.startswith("<<")]
    after = [line for line in bare[end + 1 :] if line and line not in ("EOF", "'EOF'", '"EOF"')]
    malformed = begin < 0 or end == len(bare) or end < begin or bool(before or after)
    # A malformed patch is searched whole: whatever a looser reader might take from it is there to be judged.
    return (lines if malformed else lines[begin + 1 : end]), malformed


def _header(line: str) -> tuple[str, str]:
    bare = line.strip(_BLANKS)
    for header in _HEADERS:
        if bare.startswith(header.rstrip()):
            return header, bare[len(header.rstrip()) :].strip(_BLANKS)
    return "", ""


def _belongs(line: str, section: str) -> bool:
    bare = line.strip(_BLANKS)
    if not bare:
        return True
    return section == _UPDATE and (line.startswith((" ", "-", "@@")) or bare == _END_OF_FILE)
