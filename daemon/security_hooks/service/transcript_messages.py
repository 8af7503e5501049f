"""What the daemon tells the process that reads transcripts, and what it hears back: plain data, by number."""

import msgspec

from security_hooks.model.transcript import ToolUse


class Followed(msgspec.Struct, frozen=True):
    """A transcript of a session, as its client has told it; it must lie below `directory`. Uses that the model asked
    for before `since` (Unix time in seconds) do not matter.
    """

    client: str
    session: str
    path: str
    directory: str
    since: float


class Follow(msgspec.Struct, frozen=True, tag="follow"):
    """Follow these from now on, with those of the agents that were started in them; and read all that there is."""

    number: int
    transcripts: tuple[Followed, ...]


class Leave(msgspec.Struct, frozen=True, tag="leave"):
    """Follow nothing of these sessions any more, each a client and an id."""

    number: int
    sessions: tuple[tuple[str, str], ...]


class Listen(msgspec.Struct, frozen=True, tag="listen"):
    """To be answered as soon as there is something to tell, and after so many seconds anyway."""

    number: int
    seconds: float


Message = Follow | Leave | Listen


class Finished(msgspec.Struct, frozen=True):
    """A tool use with its result, in the transcript at `path`."""

    client: str
    session: str
    path: str
    use: ToolUse
    ran: bool


class Standing(msgspec.Struct, frozen=True):
    """How it goes with a transcript: `problem` says why it is not read, or is empty; `unread` counts lines."""

    client: str
    session: str
    path: str
    problem: str = ""
    unread: int = 0


class Seen(msgspec.Struct, frozen=True):
    """The answer to each message; only that to `Listen` has anything in it."""

    number: int
    uses: tuple[Finished, ...] = ()
    standings: tuple[Standing, ...] = ()
