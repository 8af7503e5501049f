"""What the index of rules goes by: of all that is known of a command, what can be told at one look."""

import msgspec

from security_hooks.dsl.marks import marks_of
from security_hooks.model.shell import Facts


class Aspect(msgspec.Struct, frozen=True, gc=False):
    """The marks of a command, and every name that a predicate may know its programs by, its wrappers' among them.

    Without `is_named` it may be any other program besides.
    """

    marks: int
    programs: tuple[str, ...] = ()
    is_named: bool = True


def aspect_of(facts: Facts) -> Aspect | None:
    """The aspect of a command or a tool call; None where nobody knows what is in a script, so that anything may be."""
    command = facts.command
    if command is None:
        script = facts.call.script
        return None if script is not None and (script.unparseable or script.over_budget) else Aspect(marks_of(facts))
    names = tuple([wrapper.program for wrapper in command.wrappers]) if command.wrappers else ()
    if not command.words:
        return Aspect(marks_of(facts), names)
    program = command.program
    if program is None:
        return Aspect(marks_of(facts), names, is_named=False)
    names = (program, *names)
    # A program may be known for another one than it is called: `cp /bin/rm z; ./z`.
    written = command.words[0].literal
    if written is not None and written != program and (base := written.rpartition("/")[2]) != program:
        names = (*names, base)
    return Aspect(marks_of(facts), names)
