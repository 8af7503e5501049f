"""The table of commands by name, each entry unpacked when it is first asked for: most are never asked for."""

from collections.abc import Iterator, Mapping, MutableMapping

import msgspec

from security_hooks.catalogue.entry import CommandSpec, Option

_DECODER = msgspec.msgpack.Decoder(CommandSpec)


class Commands(MutableMapping[str, CommandSpec]):
    """Commands by all their names. `packed` are entries by their own names, `names` says which entry a name means.

    What `get` gives for one name it gives again, and for the entry's other names: one object.
    """

    __slots__ = ("_made", "_names", "_packed")

    def __init__(self, packed: Mapping[str, bytes], names: Mapping[str, str]) -> None:
        self._packed = packed
        self._names = dict(names)
        self._made: dict[str, CommandSpec] = {}

    def get(self, name: str, default: CommandSpec | None = None) -> CommandSpec | None:  # type: ignore[override]  # the one default that is ever given
        """The entry of this name."""
        made = self._made.get(name)
        if made is not None:
            return made
        own = self._names.get(name)
        return default if own is None else self._make(own)

    def copy(self) -> "Commands":
        """The same, to be changed apart."""
        other = Commands(self._packed, self._names)
        other._made = dict(self._made)
        return other

    def __getitem__(self, name: str) -> CommandSpec:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __setitem__(self, name: str, spec: CommandSpec) -> None:
        self._names[name] = name
        self._made[name] = spec

    def __delitem__(self, name: str) -> None:
        self.get(name)
        del self._names[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def _make(self, own: str) -> CommandSpec:
        spec = _DECODER.decode(self._packed[own])
        _spread({spec.name: spec})
        for name in (own, *spec.aliases):
            if self._names.get(name) == own:
                self._made[name] = spec
        return spec


def reduced(spec: CommandSpec) -> CommandSpec:
    """The entry with each option and subcommand once, as it is packed."""
    options = {option.spellings[0]: option for option in spec.options.values()}
    own = {sub.name: sub for sub in spec.subcommands.values()}
    return msgspec.structs.replace(spec, options=options, subcommands={name: reduced(sub) for name, sub in own.items()})


def _spread(commands: dict[str, CommandSpec]) -> None:
    """Make each subcommand and option below known by all its names again."""
    waiting = [commands]
    while waiting:
        table = waiting.pop()
        for spec in list(table.values()):
            if spec.options:
                _spread_options(spec.options)
            if spec.subcommands:
                subcommands = spec.subcommands
                for sub in list(subcommands.values()):
                    for alias in sub.aliases:
                        subcommands.setdefault(alias, sub)
                waiting.append(subcommands)


def _spread_options(options: dict[str, Option]) -> None:
    for option in list(options.values()):
        for spelling in option.spellings[1:]:
            options[spelling] = option
