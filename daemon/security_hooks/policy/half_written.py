"""Files that were full and are suddenly empty are taken for half written: what they held stays in force for a while.

Editors and redirections empty a file before they fill it, and the moment between would be a policy without it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace

import msgspec

from security_hooks.policy.source import Sources


def bridge(present: Sources, previous: Sources, settled: AbstractSet[str]) -> tuple[Sources, frozenset[str]]:
    """The present sources, with what `previous` held in place of files emptied since; and which those are.

    `settled` names files that have been empty for long enough to be meant so. Trust is that of the present.
    """
    held = (present.empty & previous.full) - settled
    if not held:
        return present, held
    layers = {layer.path: layer.text for layer in previous.layers}
    files = {file.path: file.data for file in previous.rules}
    files |= {file.path: file.data for file in previous.catalogue}
    return (
        msgspec.structs.replace(
            present,
            layers=tuple(
                replace(layer, text=layers.get(layer.path, b"")) if layer.path in held else layer
                for layer in present.layers
            ),
            rules=tuple(
                msgspec.structs.replace(file, data=files.get(file.path, b"")) if file.path in held else file
                for file in present.rules
            ),
            catalogue=tuple(
                msgspec.structs.replace(file, data=files.get(file.path, b"")) if file.path in held else file
                for file in present.catalogue
            ),
        ),
        held,
    )
