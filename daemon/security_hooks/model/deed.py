"""What one call does, in plain words: what memory keeps and looks for, when the facts themselves are gone."""

import msgspec

from security_hooks.model.action import Action
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.word import Origin


class Deed(msgspec.Struct, frozen=True, gc=False):
    """One effect of one command; `command` is its number in the script, None for a tool that is no shell.

    `target` is its path (absolute, normalised), host, variable, process, package or object, None where that is not
    known whole; `real` the path with links followed where that is another one. `empties`: of what it writes to
    nothing is left; `unpacks`: it puts there what an archive holds. `ends`: how a target that is not known whole
    begins and ends. The rest is as in `Effect`.
    """

    kind: EffectKind
    target: str | None = None
    real: str | None = None
    scope: Scope = Scope.UNKNOWN
    object: str = ""
    origin: Origin = Origin.LITERAL
    certain: bool = True
    recursive: bool = False
    contents: bool = False
    sends: bool = False
    remote: bool = False
    command: int | None = None
    action: Action = Action.UNKNOWN
    empties: bool = False
    ends: tuple[str, str] = ("", "")
    unpacks: bool = False


class Passage(msgspec.Struct, frozen=True, gc=False):
    """Data that goes from one deed to another within a call: from a file to a file, from a host to a file."""

    source: Deed
    sink: Deed
    certain: bool = True


class Deeds(msgspec.Struct, frozen=True, gc=False):
    """All that a call does. `is_cut`: there is more than is kept; `is_clear`: it was understood whole."""

    deeds: tuple[Deed, ...] = ()
    passages: tuple[Passage, ...] = ()
    is_cut: bool = False
    is_clear: bool = True


NOTHING = Deeds()
