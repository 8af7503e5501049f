"""What a script fetches whole and runs a piece of: a repository that it clones, an archive that it unpacks."""

from typing import TYPE_CHECKING

from security_hooks.model.word import Origin, Word
from security_hooks.model.world import Entry
from security_hooks.shell.context import Feed, Found
from security_hooks.shell.hosts import of_remote
from security_hooks.shell.origins import file_name
from security_hooks.shell.paths import resolve
from security_hooks.shell.state import Value

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_UNPACKING = frozenset(("tar", "gtar", "bsdtar", "unzip", "7z", "7za", "7zz", "unar", "unrar", "cpio"))
_INTO = frozenset(("-C", "-d", "-o", "-D"))
_MOST = 32


def note_fetched_directory(walker: "Walker", found: Found) -> None:
    """Note the directory that a clone makes, or that an archive from the network is unpacked in."""
    if len(walker.codes.fetched) >= _MOST:
        return
    if found.program == "git":
        if found.reading.subcommands == ["clone"]:
            _note_clone(walker, found)
    elif found.program in _UNPACKING and walker.codes.files:
        words = [*found.reading.operands, *(value for _, value, _ in found.reading.values)]
        archives = [walker.codes.files.get(file_name(word)) for word in words]
        if any(feed is not None and feed.origin is Origin.NETWORK for feed in archives):
            into = next((value for name, value, _ in found.reading.values if name in _INTO), None)
            _note(walker, found, into or Word((".",), found.span, "."), is_new=False)


def as_fetched(walker: "Walker", word: Word, cwd: Value | None, feed: Feed) -> Feed:
    """What a file holds, given what is known of it: of the network, if it can only be a piece of what was fetched."""
    if not walker.codes.fetched or feed.text is not None or feed.origin is not Origin.FILE or not word.parts:
        return feed
    path = resolve(word.parts, cwd).literal
    if path is None and cwd is None and word.literal is not None:
        # Perhaps in that directory, perhaps not.
        return Feed(None, Origin.UNKNOWN)
    for directory, is_new in walker.codes.fetched:
        if path is None or not path.startswith(f"{directory}/"):
            continue
        # In a directory that was there before, what stands there already is not the archive's.
        if is_new or walker.codes.world.kind(path) is Entry.MISSING:
            return Feed(None, Origin.NETWORK)
    return feed


def _note_clone(walker: "Walker", found: Found) -> None:
    operands = found.reading.operands
    address = operands[0].literal if operands else None
    if address is None or of_remote(operands[0]).host is None:
        return
    name = address.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    named = operands[1] if len(operands) > 1 else Word((name,), found.span, name)
    _note(walker, found, named, is_new=True)


def _note(walker: "Walker", found: Found, directory: Word, *, is_new: bool) -> None:
    path = resolve(directory.parts, found.cwd).literal if directory.parts else None
    if path is not None:
        walker.codes.fetched += ((path.rstrip("/"), is_new),)
