"""What is handed back to the shim."""

import msgspec


class HookReply(msgspec.Struct, frozen=True, gc=False):
    """`exit_status` is 0 or 2. Each stream is one line of printable ASCII without its newline, or empty, 4,000
    characters at most. `stdout` is JSON or empty; `stderr` is text, never JSON.
    """

    exit_status: int
    stdout: str = ""
    stderr: str = ""
