"""What joins the records of one call: the client's own id of it, or where it tells none what the call is. Pure."""

from hashlib import blake2b

import msgspec


def call_key(client: object, session: object, call_id: object, said: object) -> int:
    """The same number for a call and its result; `said` is what the call is, as both records hold it."""
    return number_of((client, session, said if call_id is None else call_id))


def number_of(value: object) -> int:
    """The same number of 64 bits, signed, for the same value, and for another value hardly ever."""
    return int.from_bytes(blake2b(msgspec.json.encode(value), digest_size=8).digest(), "big", signed=True)
