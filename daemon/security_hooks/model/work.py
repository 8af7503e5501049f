"""Work that is in no commit: what a call would throw away of it, and what of a file tells whose it is."""

import msgspec

from security_hooks.model.closed import Closed


class Loss(Closed):
    """What a command throws away.

    CHANGES: how files differ from the index. STAGED: how they, and the index, differ from the last commit. UNTRACKED:
    files that git does not know and does not ignore. IGNORED: those, and the ignored ones. FILES: the files
    themselves, so far as git cannot give them back. STASH: entries of the stash.
    """

    CHANGES = "changes"
    STAGED = "staged"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    FILES = "files"
    STASH = "stash"


class Discard(msgspec.Struct, frozen=True, gc=False):
    """What one command of a call throws away; `command` is its number in the script, None for another tool.

    `roots` are absolute paths: the files and directories it is about, or more than that; with `is_whole` the work
    tree that the first of them lies in, `is_deep` all that lies below them. `is_exact`: the command throws away nothing
    besides what this says.
    """

    loss: Loss
    roots: tuple[str, ...]
    command: int | None = None
    is_whole: bool = False
    is_deep: bool = False
    is_exact: bool = False


class Discards(msgspec.Struct, frozen=True, gc=False):
    """All that a call throws away. `is_cut`: there is more than is kept. `is_alone`: nothing else in the call changes
    files, so that what is there when it is judged is what will be thrown away. `is_told`: all files that it changes are
    in its deeds.
    """

    discards: tuple[Discard, ...] = ()
    is_cut: bool = False
    is_alone: bool = False
    is_told: bool = False


class Shape(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What tells one state of a file from the next: its size, when it was written and when it was changed in any way
    (Unix time in nanoseconds), and which file it is.
    """

    size: int
    written: int
    changed: int
    inode: int


class State(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a file held at some time: as `Shape`, and git's name for the content where it was read."""

    size: int
    written: int
    inode: int
    blob: bytes | None = None


class Stake(msgspec.Struct, frozen=True, gc=False):
    """A file whose content is in no commit. `shape` is None where only the index holds it.

    `kept` is git's name for the content that git can give back, None where it has none. `indexed` is the state in
    which the file held that content, where the index remembers it. `staged` is the content that only the index holds.
    """

    path: str
    shape: Shape | None = None
    kept: bytes | None = None
    indexed: State | None = None
    staged: bytes | None = None


class Stakes(msgspec.Struct, frozen=True, gc=False):
    """What a discard throws away, or so much of it as was found; `missing` says why that is not all.

    `notes` are entries of the stash, as git words them, with the time they were made (Unix time in seconds).
    """

    stakes: tuple[Stake, ...] = ()
    missing: str = ""
    notes: tuple[tuple[str, int], ...] = ()


NO_DISCARDS = Discards()
