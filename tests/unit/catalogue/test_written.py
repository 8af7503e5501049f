"""What is written of an entry reads as that entry."""

import tomli_w

from security_hooks.catalogue.load import load, shipped
from security_hooks.catalogue.written import write_command

ENTRY = {
    "aliases": ["t"],
    "options": ["-o --output write:FILE", "-c [WHEN]", "of= write:FILE", "-v"],
    "style": "tar",
    "operands": ["TEXT", "read:FILE..."],
    "recursive": True,
    "language": "python",
    "variants": [{"with": ["-v"], "value": {"-o": ["/dev/*"]}, "roles": {"-o": "delete"}, "effects": ["env:*"]}],
    "wraps": {"skip": 1, "unless": ["-v"]},
    "sub": {"go": {"language": "", "action": "build"}, "stay": {"language": "python"}},
}


def test_only_what_is_said_is_written_under_the_keys_of_a_file() -> None:
    text = tomli_w.dumps({"schema": 2, "command": {"tool": ENTRY}})
    written = write_command(load({"a.toml": text.encode()}).commands["tool"])
    assert written == ENTRY | {"sub": {"go": {"language": "", "action": "build"}, "stay": {}}}


def test_every_shipped_entry_reads_again_as_itself() -> None:
    commands = {name: spec for name, spec in shipped().commands.items() if name == spec.name}
    table = {name: write_command(spec) for name, spec in commands.items()}
    again = load({"a.toml": tomli_w.dumps({"schema": 2, "command": table}).encode()})
    assert [name for name in commands if again.commands[name] != commands[name]] == []
