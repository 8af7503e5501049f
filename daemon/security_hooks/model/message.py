"""How messages between the daemon and its processes stand on a socket: the length first, then the body."""

# Bytes of length before each message, both ways.
HEADER = 4


def framed(body: bytes) -> bytes:
    """A message as it is sent."""
    return len(body).to_bytes(HEADER, "big") + body
