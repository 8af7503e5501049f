"""Scripts read before: agents run the same few commands again and again, and reading is the dearest part of a call.

Reading is a function of the text, the place, the catalogue and the limits, so remembering it changes no verdict.
"""

from collections import OrderedDict

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import Place
from security_hooks.model.shell import Script
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

SCRIPTS = 512
LONGEST = 2_048
MOST_COMMANDS = 32


class ScriptMemory:
    """The scripts read last, at most SCRIPTS short ones. What ran out of time is not remembered: it may do better."""

    def __init__(self) -> None:
        self._scripts: OrderedDict[tuple[str, Place, int, ShellLimits], Script] = OrderedDict()

    def read(self, text: str, place: Place, catalogue: Catalogue, limits: ShellLimits) -> Script:
        """As `read_script`."""
        if len(text) > LONGEST:
            return read_script(text, place, catalogue, limits)
        key = (text, place, id(catalogue), limits)
        script = self._scripts.get(key)
        if script is not None:
            self._scripts.move_to_end(key)
            return script
        script = read_script(text, place, catalogue, limits)
        if not script.over_budget and len(script.commands) <= MOST_COMMANDS:
            self._scripts[key] = script
            if len(self._scripts) > SCRIPTS:
                self._scripts.popitem(last=False)
        return script
