"""Hosts in words: URLs, `user@host:port`, `HOST:PATH`, and what a request takes from files."""

import re

import msgspec

from security_hooks.model.host import canonical_host
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.words import word_of

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FILE = re.compile(r"file(?:b)?:(?://(?:localhost(?=/))?)?", re.IGNORECASE)
ANY_PORT = "*"
# `host:path`, never `./a:b`.
_REMOTE = re.compile(r"(?:[^/:@\s]+@)?(\[[^\]]+\]|[^/:@\s]+):(?!//)")
_TAKEN = re.compile(r"(?:[\w.\[\]-]*(?::=|==?|:))?[@<]|[\w.\[\]-]+[@]|(?=fileb?://)")
_SIXTH = re.compile(r"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%\w+)?\]")
_HOST_END = re.compile(r"[/?#]")
_TCP = re.compile(r"/dev/(?:tcp|udp)/([^/]*)/?(.*)", re.DOTALL)


class Target(msgspec.Struct, frozen=True, gc=False):
    """What a word names: a path here (`path`), or a host and its port: empty where none is written out, ANY_PORT
    where it is not known.
    """

    path: Word | None
    host: Word | None
    port: str = ""


def has_scheme(text: str) -> bool:
    """Whether a text begins as a URL does."""
    return _SCHEME.match(text) is not None


def of_url(word: Word) -> Target:
    """The host of a URL, with or without its scheme; the path of a `file:` URL, or one that is no URL at all."""
    word = as_written(word)
    first = word.parts[0] if word.parts else ""
    if isinstance(first, Hole):
        return Target(None, word)
    found = _FILE.match(first)
    if found is not None:
        return Target(_without(word, found.end()), None)
    if first[:1] in ("/", ".", "~"):
        # What takes a URL mostly takes a file as well.
        return Target(word, None)
    found = _SCHEME.match(first)
    rest = _without(word, found.end()) if found is not None else word
    return of_host(rest)


def as_written(word: Word) -> Word:
    """A URL with the brackets of an IPv6 address as they are: a shell leaves alone a pattern that fits no file."""
    first = word.parts[0] if word.parts else ""
    if len(word.parts) < 2 or not isinstance(first, str) or not has_scheme(first):
        return word
    return word_of([_bracketed(part) or part for part in word.parts], word.span)


def _bracketed(part: str | Hole) -> str | None:
    is_address = isinstance(part, Hole) and part.kind is HoleKind.GLOB and _SIXTH.fullmatch(part.source)
    return part.source if is_address and isinstance(part, Hole) else None


def of_host(word: Word) -> Target:
    """The host and port of `user@host:port`, and of a URL without its scheme."""
    host = _authority(word)
    last = host[-1] if host else ""
    port = ""
    before = host[-2] if len(host) > 1 else ""
    if isinstance(last, Hole) and isinstance(before, str) and before.endswith(":"):
        host, port = [*host[:-2], before[:-1]], ANY_PORT
    if isinstance(last, str) and ":" in last and not last.endswith("]") and (last.count(":") == 1 or "]" in last):
        host[-1], _, port = last.rpartition(":")
        if port and host == [""]:
            host = ["localhost"]
    if len(host) == 1 and isinstance(host[0], str):
        return Target(None, word_of((canonical_host(host[0]),), word.span), port)
    return Target(None, word_of([part.lower() if isinstance(part, str) else part for part in host], word.span), port)


def saved_as(word: Word) -> Word | None:
    """The name under which a URL is saved: what stands behind its last slash; None where it has none."""
    if of_url(word).host is None:
        return None
    parts: list[str | Hole] = []
    for part in word.parts:
        text = re.split("[?#]", part, maxsplit=1)[0] if isinstance(part, str) else part
        parts.append(text)
        if text != part:
            break
    first = parts[0] if parts else ""
    scheme = _SCHEME.match(first) if isinstance(first, str) else None
    if scheme is not None and isinstance(first, str):
        parts[0] = first[scheme.end() :]
    for number in range(len(parts) - 1, -1, -1):
        text = parts[number]
        if isinstance(text, str) and "/" in text:
            name = word_of((text[text.rindex("/") + 1 :], *parts[number + 1 :]), word.span)
            return name if name.parts else None
    return None


def of_remote(word: Word) -> Target:
    """`HOST:PATH` or a URL is a host, all else a path here."""
    first = word.parts[0] if word.parts else ""
    if isinstance(first, Hole):
        # `"$HOST":dir`: a colon right behind the hole.
        behind = word.parts[1] if len(word.parts) > 1 else ""
        is_remote = isinstance(behind, str) and behind[:1] == ":"
        return Target(None, word_of((first,), word.span)) if is_remote else Target(word, None)
    if has_scheme(first):
        return of_url(word)
    found = _REMOTE.match(first)
    if found is not None:
        return Target(None, word_of((found[1],), word.span))
    return Target(word, None)


def taken_from(word: Word) -> Word | None:
    """The file that a request takes its data from: `@FILE`, `name=@FILE`, `file://FILE`; None where it holds them."""
    first = word.parts[0] if word.parts else ""
    found = _TAKEN.match(first) if isinstance(first, str) else None
    if found is None:
        return None
    rest = _without(word, found.end())
    inner = rest.parts[0] if rest.parts else ""
    scheme = _FILE.match(inner) if isinstance(inner, str) else None
    rest = _without(rest, scheme.end()) if scheme is not None else rest
    head = rest.parts[0] if rest.parts else ""
    if isinstance(head, str) and ";" in head:
        # `-F file=@path;type=text/plain`
        return word_of((head[: head.index(";")],), word.span)
    return rest


def of_descriptor(word: Word) -> Target | None:
    """The host behind bash's `/dev/tcp/HOST/PORT`; None for other files."""
    first = word.parts[0] if word.parts else ""
    found = _TCP.match(first) if isinstance(first, str) else None
    if found is None:
        return None
    if found[1] or len(word.parts) == 1:
        return Target(None, word_of((found[1],), word.span), found[2])
    return Target(None, word_of((word.parts[1],), word.span))


def _authority(word: Word) -> list[str | Hole]:
    """What stands before the first slash, without the user before it."""
    kept: list[str | Hole] = []
    for part in word.parts:
        if isinstance(part, Hole):
            kept.append(part)
            continue
        end = _HOST_END.search(part)
        cut = end.start() if end else len(part)
        if cut:
            kept.append(part[:cut])
        if end:
            break
    for number in range(len(kept) - 1, -1, -1):
        part = kept[number]
        if isinstance(part, str) and "@" in part:
            return [part[part.rindex("@") + 1 :], *kept[number + 1 :]]
    return kept


def _without(word: Word, size: int) -> Word:
    first = word.parts[0] if word.parts else ""
    return word_of((first[size:], *word.parts[1:]), word.span) if isinstance(first, str) else word
