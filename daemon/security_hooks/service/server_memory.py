"""Definitions of MCP servers found before: the files that hold them are long, and rarely change.

What was seen of the disk is remembered with each answer and looked at again, so remembering changes no verdict.
"""

import time
from collections import OrderedDict

import msgspec

from security_hooks.model.event import Place
from security_hooks.model.server import Definition
from security_hooks.model.world import World
from security_hooks.service.world import LocalWorld, Look, is_settled, still_holds
from security_hooks.tools.servers import find_definitions

SERVERS = 128
MOST_LOOKS = 128


class _Remembered(msgspec.Struct, frozen=True, gc=False):
    definitions: tuple[Definition, ...] | None
    looks: tuple[Look, ...]
    slow: frozenset[str]


class ServerMemory:
    """The servers looked for last."""

    def __init__(self) -> None:
        self._servers: OrderedDict[tuple[str, str, str, Place], _Remembered] = OrderedDict()

    def find(self, client: str, server: str, source: str, place: Place, world: World) -> tuple[Definition, ...] | None:
        """As `find_definitions`."""
        if not isinstance(world, LocalWorld):
            return find_definitions(client, server, source, place, world)
        key = (client, server, source, place)
        remembered = self._servers.get(key)
        if remembered is not None and remembered.slow is world.slow and still_holds(remembered.looks):
            self._servers.move_to_end(key)
            return remembered.definitions
        definitions = find_definitions(client, server, source, place, world)
        looks = world.looks
        if not world.left_out and len(looks) <= MOST_LOOKS and is_settled(looks, time.time_ns()):
            self._servers[key] = _Remembered(definitions, looks, world.slow)
            if len(self._servers) > SERVERS:
                self._servers.popitem(last=False)
        return definitions
