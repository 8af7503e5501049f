"""What a client's own transcript says of its tool uses: the marks that `clients/` reads from it, a line at a time."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

# Of a text this many characters of its start and of its end count, and its length; of more texts than these only how
# many they are: a file that is written whole must not take long.
_TOLD = 2_048
_MOST_TEXTS = 64


class ToolUse(msgspec.Struct, frozen=True, gc=False):
    """One tool use. `key` pairs it with its end within one transcript, `call_id` is the id that hooks are told, where
    they are told any; `content` stands for its name and texts, as `content_of` makes it. `at` is Unix time in seconds,
    of when the model asked for it. `is_hooked`: this client has a hook event for such a tool at all.
    """

    key: str
    tool: str
    call_id: str | None
    content: str
    at: float
    is_hooked: bool = True


class Began(msgspec.Struct, frozen=True, gc=False):
    """The model asked for it."""

    use: ToolUse


class Ended(msgspec.Struct, frozen=True, gc=False):
    """Its result is there. `ran` is False where it was refused, by whomever, and where nobody can tell."""

    key: str
    ran: bool


class Delegated(msgspec.Struct, frozen=True, gc=False):
    """An agent was started whose transcript has this id in its name."""

    agent: str


Mark = Began | Ended | Delegated


def content_of(tool: str, texts: Iterable[tuple[str, str]]) -> str:
    """A digest of a tool's name and the texts of its input, by pointer (RFC 6901), in whatever order.

    Keys of the input do not count, nor what is no text.
    """
    digest = blake2b(digest_size=16)
    named = [(pointer, text) for pointer, text in texts if not pointer.endswith("/~key")]
    told = sorted(named) if len(named) <= _MOST_TEXTS else ()
    for text in (tool, str(len(named)), *(part for pair in told for part in pair)):
        digest.update(f"{len(text)}:".encode())
        digest.update((text if len(text) <= 2 * _TOLD else text[:_TOLD] + text[-_TOLD:]).encode("utf-8", "replace"))
    return digest.hexdigest()
