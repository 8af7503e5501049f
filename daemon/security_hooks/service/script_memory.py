"""Scripts read before: agents run the same few commands again and again, and reading is the dearest part of a call.

Reading is a function of the text, the place, the catalogue, the limits and of what it saw of the disk. What it saw is
remembered with it and looked at again, so remembering changes no verdict.
"""

import time
from collections import OrderedDict

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.model.world import World
from security_hooks.service.world import LocalWorld, Look, is_settled, still_holds
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

SCRIPTS = 512
LONGEST = 2_048
MOST_COMMANDS = 32
MOST_LOOKS = 64


class _Remembered(msgspec.Struct, frozen=True, gc=False):
    script: Script
    # Held, so that no other catalogue can have its id.
    catalogue: Catalogue
    looks: tuple[Look, ...]
    slow: frozenset[str]


class ScriptMemory:
    """The scripts read last, at most SCRIPTS short ones. What ran out of time is not remembered: it may do better."""

    def __init__(self) -> None:
        self._scripts: OrderedDict[tuple[str, Place, int, int, int, int, int], _Remembered] = OrderedDict()

    def read(self, text: str, place: Place, catalogue: Catalogue, limits: ShellLimits, world: World) -> Script:
        """As `read_script`."""
        if len(text) > LONGEST or not isinstance(world, LocalWorld):
            return read_script(text, place, catalogue, limits, world)
        # Not by their time: a script that was read whole would be the same with more or less of it.
        key = (text, place, id(catalogue), limits.bytes, limits.nodes, limits.depth, limits.commands)
        remembered = self._scripts.get(key)
        if remembered is not None and (
            not remembered.looks or (remembered.slow is world.slow and still_holds(remembered.looks))
        ):
            self._scripts.move_to_end(key)
            return remembered.script
        script = read_script(text, place, catalogue, limits, world)
        if not (script.over_budget or world.left_out) and len(script.commands) <= MOST_COMMANDS:
            looks = world.looks
            if len(looks) <= MOST_LOOKS and is_settled(looks, time.time_ns()):
                self._scripts[key] = _Remembered(script, catalogue, looks, world.slow)
                if len(self._scripts) > SCRIPTS:
                    self._scripts.popitem(last=False)
        return script
