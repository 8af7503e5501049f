"""What a command printed, as far as that is known, and as what the next one takes it."""

import msgspec

from security_hooks.shell.state import Value, literal


class Printed(msgspec.Struct, frozen=True, gc=False):
    """An output: bytes, or text that may have holes. Where it is not `sure` shells or systems differ, and this is what
    most of them print: to be looked at where it is run, never to be relied on. An `endless` one goes on like this.
    """

    value: Value | bytes
    sure: bool = True
    endless: bool = False


# What is longer is not carried on: decoders may be nested deeply.
MOST_BYTES = 1 << 16


def bytes_of(printed: Printed) -> bytes | None:
    """The output as a filter reads it; None where a part of it is not known, or where it is too long."""
    value = printed.value
    if isinstance(value, tuple):
        text = literal(value)
        if text is None or len(text) > MOST_BYTES or any("\ud800" <= char <= "\udfff" for char in text):
            return None
        value = text.encode()
    return value if len(value) <= MOST_BYTES else None


def text_of(printed: Printed | None) -> Value | None:
    """The output as text, where it is text and ends."""
    if printed is None or printed.endless:
        return None
    value = printed.value
    if isinstance(value, tuple):
        return value
    if b"\0" in value:
        return None
    text = value.decode("utf-8", "replace")
    if not value.isascii() and text.encode() != value:
        return None
    return (text,) if text else ()


def sure_text_of(printed: Printed | None) -> Value | None:
    """The output as text, where nobody prints anything else."""
    return text_of(printed) if printed is not None and printed.sure else None
