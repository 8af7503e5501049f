"""What a search comes upon: all that lies where it looks, or what its tests choose. `find . ! -name x` and
`find . -name '*'` come upon as good as all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from security_hooks.catalogue.entry import Argument, CommandSpec
from security_hooks.model.word import Word

if TYPE_CHECKING:
    from security_hooks.shell.options import Reading

_NOT = ("!", "-not")
_PRUNE = "-prune"
_OR = ("-o", "-or")
# Signs of the expression, no places to search.
_SIGNS = ("!", "(", ")", ",")
# Globs and regular expressions that everything matches, or all that is hidden.
_EVERYTHING = frozenset(("*", "**", "*/*", "./*", "./**", "?*", ".*", ".+", "^.*$", "./.*"))


def settle_search(reading: "Reading", spec: CommandSpec, words: Sequence[Word]) -> None:
    """Note whether the tests of a search narrow what it comes upon, and take its signs out of the operands."""
    reading.operands = [word for word in reading.operands if word.literal not in _SIGNS]
    reading.narrowed = any(_narrows(spec, words, position) for position in range(1, len(words)))


def _narrows(spec: CommandSpec, words: Sequence[Word], position: int) -> bool:
    option = spec.options.get(words[position].literal or "")
    if option is None or option.spellings[0] not in spec.narrows or words[position - 1].literal in _NOT:
        return False
    if option.argument is Argument.NONE:
        return not _is_left_out(words, position + 1)
    value = words[position + 1].literal if position + 1 < len(words) else None
    return value not in _EVERYTHING and not _is_left_out(words, position + 2)


def _is_left_out(words: Sequence[Word], position: int) -> bool:
    """Whether what a test chose is passed over (`-prune -o`), and the rest is what the search comes upon."""
    if position >= len(words) or words[position].literal != _PRUNE:
        return False
    behind = next((word.literal for word in words[position + 1 :] if word.literal != ")"), None)
    return behind in _OR
