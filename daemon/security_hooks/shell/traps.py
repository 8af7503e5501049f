"""`trap`: code that runs later, with the variables that hold then what they held when it was set, or something else."""

from typing import TYPE_CHECKING, NamedTuple

from security_hooks.model.shell import Wrapper
from security_hooks.shell.code import run_code
from security_hooks.shell.context import Context, Found
from security_hooks.shell.embed import Text
from security_hooks.shell.functions import Frame
from security_hooks.shell.state import ANY, EVERYTHING, Known
from security_hooks.shell.steps import Steps

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

_ENDS = ("EXIT", "0")
_MOST = 64


class Trap(NamedTuple):
    """Code that was set, and what was known then, after so many assignments."""

    code: Text
    found: Found
    wrappers: tuple[Wrapper, ...]
    context: Context
    known: Known
    assignments: int


def remember(
    walker: "Walker", code: Text, found: Found, wrappers: tuple[Wrapper, ...], context: Context
) -> Steps[None]:
    """Walk the code with what is known now; what it sets may be set whenever."""
    state = walker.state
    known = state.snapshot()
    for name in known.locals or ():
        # When it runs, these are gone.
        known.variables.pop(name, None)
    known.arguments, known.locals, known.dead = ANY, None, False
    trap = Trap(code, found, wrappers, context.into("trap"), known, state.assignments)
    walker.traps.append(trap)
    touched, state.touched = state.touched, {}
    yield _walk(walker, trap, known.copy())
    names, state.touched = state.touched, touched | state.touched
    if all(word.literal in _ENDS for word in found.reading.operands[1:]):
        return
    state.unstable |= names.keys()
    state.blind = state.blind or EVERYTHING in names


def walk_again(walker: "Walker") -> Steps[None]:
    """At the end of the script: walk once more, without it, what relied on something that was set later."""
    state = walker.state
    for number, trap in enumerate(walker.traps):
        if number >= _MOST:
            walker.budget.over = True
            return
        later = {name for name, last in state.touched.items() if last > trap.assignments}
        known = trap.known.copy()
        if state.blind or EVERYTHING in later:
            later |= known.variables.keys()
        if later.isdisjoint(known.variables):
            continue
        known.variables = {name: value for name, value in known.variables.items() if name not in later}
        if "PWD" in later:
            known.places = None
        yield _walk(walker, trap, known)


def _walk(walker: "Walker", trap: Trap, known: Known) -> Steps[None]:
    state = walker.state
    saved = state.known
    state.restore(known)
    walker.frames.append(Frame(is_function=False, is_process=True))
    yield run_code(walker, trap.code, trap.found, trap.wrappers, trap.context, elsewhere=False)
    walker.frames.pop()
    state.restore(saved)
