"""The catalogue as plain data, made once when the program is built, so that a start need not parse TOML.

An option has many spellings and a command several names: each is packed once, each command apart.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from security_hooks.catalogue.commands import Commands, reduced
from security_hooks.catalogue.entry import Catalogue, CommandSpec

# A change of the types or of this file makes older data unreadable or, worse, wrong.
FORMAT = 5


class Compiled(msgspec.Struct, frozen=True, array_like=True):
    """What is in the file: `digest` says which TOML files it was made of, `names` which entry each name means."""

    format: int
    digest: str
    commands: dict[str, bytes]
    names: dict[str, str]
    builtins: frozenset[str]
    code_variables: frozenset[str]


def digest_of(files: Mapping[str, bytes]) -> str:
    """A digest of these files and of how they are packed."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


def pack(catalogue: Catalogue, digest: str) -> bytes:
    """The catalogue as bytes."""
    encode = msgspec.msgpack.encode
    commands = {spec.name: encode(reduced(spec)) for spec in once(catalogue.commands.values())}
    names = {name: spec.name for name, spec in catalogue.commands.items()}
    return encode(Compiled(FORMAT, digest, commands, names, catalogue.builtins, catalogue.code_variables))


def unpack(data: bytes, digest: str) -> Catalogue | None:
    """The catalogue in these bytes; None where they were not made of the files with this digest."""
    try:
        compiled = msgspec.msgpack.decode(data, type=Compiled)
    except msgspec.MsgspecError:
        return None
    if compiled.format != FORMAT or compiled.digest != digest:
        return None
    return Catalogue(Commands(compiled.commands, compiled.names), compiled.builtins, compiled.code_variables)


def once(specs: Iterable[CommandSpec]) -> Iterable[CommandSpec]:
    """Each entry once, however many names it has."""
    return {id(spec): spec for spec in specs}.values()
