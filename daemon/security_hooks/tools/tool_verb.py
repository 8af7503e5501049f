"""What the name of an MCP server's tool says that it does: `write_file`, `deleteRepository`, `kv_namespace_delete`.

A name is the server's own word: it makes judgement stricter, and tells what is done to the paths that are given; it
never shows that something is harmless.
"""

import re
from enum import Enum

from security_hooks.model.effect import EffectKind


class ToolVerb(Enum):
    """DESTROY: does away with something that is not had back easily. LOOK: no more than that. REVEAL: at a secret."""

    DESTROY = "destroy"
    REMOVE = "remove"
    MOVE = "move"
    WRITE = "write"
    COPY = "copy"
    SEND = "send"
    LOOK = "look"
    REVEAL = "reveal"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_VERBS = {
    ToolVerb.REMOVE: "delete remove unlink erase trash rm rmdir purge wipe destroy shred",
    ToolVerb.MOVE: "move rename mv",
    ToolVerb.WRITE: "write edit create append save overwrite replace insert modify put update touch mkdir patch",
    ToolVerb.SEND: "upload send attach share publish",
    ToolVerb.COPY: "copy cp duplicate clone",
}
# The first of these that a name holds is what it does.
_BY_WORD = {word: verb for verb, words in _VERBS.items() for word in words.split()}
_LOOKS = _words(
    "list get read show view describe count check find search query inspect fetch retrieve lookup validate preview "
    "status info diff head tail cat stat exists is has watch monitor wait download export explain"
)
_SHOWS = _words("get read show view fetch retrieve export download")
_SECRETS = _words("secret secrets password passwords credential credentials")
_DESTROYS = _words(
    "delete destroy drop purge truncate wipe revoke terminate erase expunge nuke shred flush flushall flushdb "
    "deprovision uninstall refund payment force"
)
# These do away with what holds something; by themselves they are said of much: a label, a reaction, a filter.
_EMPTIES = _words("remove cancel reset clear empty disable deactivate prune transfer close")
_HOLDERS = _words(
    "repo repository branch tag release bucket object volume disk image snapshot backup database db schema table "
    "collection index key keys keyspace cluster instance server vm machine node pool namespace project workspace "
    "organization org team environment app application service function domain record zone certificate secret user "
    "users account member members customer subscription order invoice payment plan stack site deployment container "
    "network queue topic stream pipeline webhook file files directory dir folder dataset model document space"
)
_BELOW = _words("directory dir folder tree recursive recursively rmdir all")
# In the names of fields.
_PATHS = _words("path paths file files filename filepath dir directory folder root uri")
_SOURCES = _words("source src from old")
_DESTINATIONS = _words("dest destination to target new output into")
_TWO_PATHS = (ToolVerb.MOVE, ToolVerb.COPY)
_KINDS = {
    ToolVerb.REMOVE: EffectKind.DELETES,
    ToolVerb.MOVE: EffectKind.MOVES,
    ToolVerb.WRITE: EffectKind.WRITES,
    ToolVerb.SEND: EffectKind.READS,
    ToolVerb.COPY: EffectKind.READS,
    ToolVerb.LOOK: EffectKind.READS,
}


def words_of(name: str) -> tuple[str, ...]:
    """The words that a name is made of, in small letters: `kv_namespaceDelete` is three."""
    return tuple(word.lower() for word in _WORD.findall(name))


def verbs_of(name: str) -> frozenset[ToolVerb]:
    """All that the name of a tool says."""
    words = words_of(name)
    known = frozenset(words)
    does = _does(words)
    verbs = {does} if does is not None else set()
    if does is ToolVerb.LOOK:
        if words[0] in _SHOWS and known & _SECRETS:
            verbs.add(ToolVerb.REVEAL)
    elif known & _DESTROYS or (known & _EMPTIES and known & _HOLDERS):
        verbs.add(ToolVerb.DESTROY)
    return frozenset(verbs)


def path_deed(words: tuple[str, ...], field: str) -> tuple[EffectKind, bool]:
    """What a tool whose name is made of these words does with a path that stands under this field of its input, and
    whether that takes what lies below the path, too. Where neither says so, the path is merely named.
    """
    about = frozenset(words_of(field))
    does = _does(words)
    is_destination = does in _TWO_PATHS and bool(about & _DESTINATIONS)
    is_path = bool(about & _PATHS) or is_destination or (does in _TWO_PATHS and bool(about & _SOURCES))
    if does is None or not is_path:
        return EffectKind.NAMES, False
    kind = EffectKind.WRITES if is_destination else _KINDS[does]
    return kind, kind is EffectKind.MOVES or (kind is EffectKind.DELETES and not _BELOW.isdisjoint(words))


def _does(words: tuple[str, ...]) -> ToolVerb | None:
    told = {_BY_WORD[word] for word in words if word in _BY_WORD}
    if words and words[0] in _LOOKS and "replace" not in words:
        return ToolVerb.LOOK
    return next((verb for verb in _VERBS if verb in told), None if _LOOKS.isdisjoint(words) else ToolVerb.LOOK)
