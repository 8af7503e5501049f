"""MCP servers as clients define them, and as people pin them."""

import msgspec


class Definition(msgspec.Struct, frozen=True, gc=False):
    """How a client starts or reaches an MCP server. `env` are the names of the variables that it sets for it, None
    where that is not told; `place` is the file, or whoever else said so.
    """

    command: str = ""
    args: tuple[str, ...] = ()
    url: str = ""
    cwd: str = ""
    env: tuple[str, ...] | None = None
    place: str = ""


class Pin(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """How an MCP server must be defined. With `sha256` the content of `file` must have this digest too."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    url: str = ""
    cwd: str = ""
    env: tuple[str, ...] = ()
    file: str = ""
    sha256: str = ""


def encode_pin(pin: Pin) -> str:
    """The pin as one string, the only one for it: so it travels in the lists of the configuration."""
    return msgspec.json.encode(msgspec.structs.replace(pin, env=tuple(sorted(set(pin.env))))).decode()


def decode_pin(text: str) -> Pin | None:
    """The pin that a string stands for; None where it stands for none."""
    try:
        return msgspec.json.decode(text, type=Pin)
    except msgspec.DecodeError:
        return None
