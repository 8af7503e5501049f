"""What commands of a script print, as the walk hands it on: to the next stage of a pipeline, or into a word."""

from typing import TYPE_CHECKING

from security_hooks.model.word import Origin
from security_hooks.shell.context import Context, Feed, Found
from security_hooks.shell.outputs import BUILTINS, output_of
from security_hooks.shell.printed import Printed, text_of
from security_hooks.shell.state import EVERYTHING, literal

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

# With these set, another program may be meant, or the same does something else.
_DECISIVE = ("PATH", "POSIXLY_CORRECT", EVERYTHING)
# What filters may go through in one script, and what each counts for at least.
_MOST_FILTERED = 1 << 18
_LEAST = 256
_CHEAP = frozenset((*BUILTINS, "cat", "tee"))
_LOCALE = ("LC_", "LANG")


def printed_by(walker: "Walker", found: Found | None, context: Context) -> Printed | None:
    """What a command printed, as far as that is known; `context` is the one around it."""
    if found is None or found.program is None or len(found.wrappers) > len(context.wrappers):
        return None
    program, state = found.program, walker.state
    if program in state.functions or program in state.aliases:
        return None
    if found.assignments and not all(a.name.startswith(_LOCALE) for a in found.assignments):
        return None
    if program not in BUILTINS and any(name in state.touched for name in _DECISIVE):
        return None
    if program == "mktemp" and "TMPDIR" in state.touched:
        # It may fail there, and print nothing.
        return None
    if program == "pwd":
        return _directory(found)
    if program not in _CHEAP:
        # Counted by itself: that outputs are not known is no reason to refuse the script.
        walker.codes.filtered += _LEAST + _size(found)
        if walker.codes.filtered > _MOST_FILTERED:
            return None
    return output_of(program, found.words, found.redirects, found.given)


def handed_on(printed: Printed | None, origin: Origin) -> Feed:
    """What the next one reads, given where the output comes from where it is not known. What was decoded stays so."""
    text = text_of(printed)
    if text is not None and printed is not None and printed.sure and origin not in (Origin.DECODED, Origin.NETWORK):
        origin = Origin.LITERAL
    return Feed(text, origin)


def _size(found: Found) -> int:
    value = found.given.value if found.given is not None else ()
    size = sum([len(redirect.target.literal or "") for redirect in found.redirects])
    return size + (len(value) if isinstance(value, bytes) else sum([len(p) for p in value if isinstance(p, str)]))


def _directory(found: Found) -> Printed | None:
    """`pwd`, without links resolved."""
    cwd = found.cwd
    plain = len(found.words) == 1 and found.words[0].literal == "pwd" and not found.redirects
    return Printed((*cwd, "\n")) if cwd is not None and plain and literal(cwd) else None
