"""Writes a pin into a person's `config.toml`, keeping every comment and all that it does not concern."""

from collections.abc import MutableMapping

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.server import Pin

_SECTION = ("mcp", "servers")


def set_pin(text: str, file: str, pin: Pin) -> str:
    """The file with this pin, in place of one for the same server. Raises PolicyError where it cannot be edited."""
    try:
        document = tomlkit.parse(text)
        here: MutableMapping[str, object] = document
        for number, name in enumerate(_SECTION):
            if name not in here:
                here[name] = tomlkit.table(is_super_table=True)
            below = here[name]
            if not isinstance(below, MutableMapping):
                raise _refusal(file, f"`{'.'.join(_SECTION[: number + 1])}` is no table")
            here = below
        given = msgspec.to_builtins(pin)
        del given["name"]
        table = here.get(pin.name)
        if not isinstance(table, MutableMapping):
            table = here[pin.name] = tomlkit.table()
        for key in [key for key in table if key not in given]:
            del table[key]
        table.update(given)
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise _refusal(file, f"the file cannot be edited: {error}") from None


def _refusal(file: str, message: str) -> PolicyError:
    hint = "write the pin by hand: docs/configuration.md says how"
    return PolicyError((Diagnostic(file, 0, 0, "not-editable", message, hint),))
