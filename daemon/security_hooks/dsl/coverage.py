"""Whether an `allow` rule may vouch for a command at all: only where nothing stands beside what it was asked about."""

from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall
from security_hooks.model.shell import Command, Facts, Redirect
from security_hooks.model.word import Origin

_READING = frozenset({"<", "<<", "<<-", "<<<", "<&"})
_HARMLESS = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr"})


def is_plain(facts: Facts, *, wrapped: bool) -> bool:
    """Whether the call is no more than its words say.

    A command is not that if it is started by another program (unless the rule speaks of that: `wrapped`), sets
    variables, writes into a file by redirection, or was not read from the script itself. A script that we did not
    understand is never plain.
    """
    script = facts.call.script
    if script is None:
        return True
    if script.unparseable or script.over_budget or script.dynamic or script.problem is not None:
        return False
    command = facts.command
    return command is not None and _is_plain_command(command, wrapped=wrapped)


def speaks_of_wrappers(condition: Condition) -> bool:
    """Whether `wrapped_by` stands in the condition, not under a `not`."""
    match condition:
        case Ask(predicate=name):
            return name == "wrapped_by"
        case All(conditions=conditions):
            return any(map(speaks_of_wrappers, conditions))
        case Any(conditions=conditions):
            return all(map(speaks_of_wrappers, conditions))
        case Not() | Pattern() | Recall():
            return False


def _is_plain_command(command: Command, *, wrapped: bool) -> bool:
    if command.assignments or command.origin is not Origin.LITERAL or command.spelled_oddly:
        return False
    if command.wrappers and not wrapped:
        return False
    return not any(map(_writes, command.redirects))


def _writes(redirect: Redirect) -> bool:
    if redirect.operator in _READING:
        return False
    target = redirect.target.literal
    is_descriptor = redirect.operator == ">&" and target is not None and (target.isdigit() or target == "-")
    return not is_descriptor and target not in _HARMLESS
